import { sqlState } from "./sqlstate.ts";

/** What the driver, pg 8.23, says of a connection in words alone: these errors of its own have no code. */
const pgSays = [
  /** The server closed it, in the middle of a query or between two. */
  { says: /^Connection terminated/, means: "CONNECTION_LOST" },
  /** "timeout expired" while connecting, "Query read timeout" afterwards. */
  { says: /timeout/i, means: "TIMEOUT" },
] as const;

function driverMeaning(error: Error): (typeof pgSays)[number]["means"] | undefined {
  return pgSays.find(({ says }) => says.test(error.message))?.means;
}

/** There was no connection, or no answer, in time. */
export function isTimeout(error: unknown): boolean {
  return error instanceof Error && driverMeaning(error) === "TIMEOUT";
}

const codesOfLostServers = new Set<string | undefined>([
  sqlState.adminShutdown,
  sqlState.crashShutdown,
  sqlState.cannotConnectNow,
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
]);

/** Whether the session ended because its server did: stopped for another request, or crashed. */
export function lostServer(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as { code?: string };
  return codesOfLostServers.has(code) || driverMeaning(error) === "CONNECTION_LOST";
}
