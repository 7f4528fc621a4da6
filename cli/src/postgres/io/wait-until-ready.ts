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

export interface WaitOptions {
  /** What the address is, for errors: `branch dev-phil-local`. */
  what: string;
  /** Milliseconds until it gives up with the last error. */
  budget: number;
  signal: AbortSignal;
  /** Told once, when the first attempt has failed. */
  onWait(error: DsError): void;
}

/** Connects as soon as the database lets it: a suspended compute wakes, a server starts up. */
export async function waitForDatabase(
  url: string,
  { what, budget, signal, onWait }: WaitOptions,
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
