import { codeOf } from "../errors/code-of.ts";
import { driverMeans } from "./driver-messages.ts";
import { isOfClass } from "./sqlstate.ts";

/** The fields of Postgres' error message that matter here. */
export interface ServerError {
  message: string;
  /** SQLSTATE. */
  code: string;
  /** Character of what was sent, from 1. */
  position?: string | undefined;
  /** The same place in the whole text that this was a part of, in UTF-16 units from 0. */
  offset?: number | undefined;
  detail?: string | undefined;
  hint?: string | undefined;
  where?: string | undefined;
}

/** The server's own verdict on a statement, as opposed to a connection that broke. */
export function isServerError(error: unknown): error is Error & { code: string } {
  const { severity, code } = error as { severity?: unknown; code?: unknown };
  return severity === "ERROR" && typeof code === "string" && !isOfClass(code, "sessionEnded");
}

export function isConnectionError(error: unknown): boolean {
  // A system's or the server's code (ECONNRESET, 57P01), or the driver's own words.
  return (
    codeOf(error) !== undefined ||
    (error instanceof Error && driverMeans(error.message) === "CONNECTION_LOST")
  );
}
