import type { Client } from "pg";
import { DsError } from "../../errors/ds-error.ts";
import { Backoff } from "../../lib/io/backoff.ts";
import { sqlState } from "../sqlstate.ts";
import { connectPostgres } from "./connect.ts";

const firstPause = 100;
const longestPause = 2000;

/** Nothing that waiting could change: the password, the role, the database's name. */
const hopeless = new Set<string>([
  sqlState.invalidPassword,
  sqlState.invalidAuthorizationSpecification,
  sqlState.invalidCatalogName,
]);

/**
 * Connects as soon as the database lets it: a suspended compute wakes, a server starts up.
 *
 * @param budget milliseconds until it gives up with the last error
 * @param onWait told once, when the first attempt has failed
 */
export async function waitForDatabase(
  url: string,
  what: string,
  budget: number,
  signal: AbortSignal,
  onWait: (error: DsError) => void,
): Promise<Client> {
  const deadline = Date.now() + budget;
  const backoff = new Backoff({ firstPause, longestPause, deadline, signal });
  for (let told = false; ; await backoff.wait()) {
    try {
      return await connectPostgres(url, { what, timeoutMs: Math.max(1000, deadline - Date.now()) });
    } catch (error) {
      if (!(error instanceof DsError) || hopeless.has(String(error.details.cause))) throw error;
      if (backoff.isNextTooLate) throw error;
      if (!told) onWait(error);
      told = true;
    }
  }
}
