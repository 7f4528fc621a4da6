import type { EventEmitter } from "node:events";
import type { Client } from "pg";
import { DsError } from "../../../errors/ds-error.ts";
import { quoteLiteral } from "../../../postgres/quote.ts";
import { isConnectionError, isServerError } from "../../../postgres/server-error.ts";
import { ledgerRefused } from "../../failure/ledger-failure.ts";
import type { Migration } from "../../folder/migration.ts";
import type { Part } from "../../sql/pieces.ts";
import type { MigrationRun } from "./migration-run.ts";

/**
 * Undoes whatever a migration left in the session and makes it a good neighbour: nobody waits behind
 * a migration for longer than `lockTimeout` milliseconds, and a migration whose client died ends too.
 */
export function freshSession(applicationName: string, lockTimeout: number): string {
  return `${ourselvesAgain}; ${forgetSettings};
    set application_name = ${quoteLiteral(applicationName)};
    set client_connection_check_interval = '2s';
    set lock_timeout = ${Math.ceil(lockTimeout)}`;
}

/**
 * Behind a commit as well: a default for transactions that a migration has set would already be in force
 * when the next session's settings are sent.
 */
export const forgetSettings = "reset all";

/** Sends a part of a migration to the server: as one message, or as a rehearsal does it, with a look after each statement. */
export type SendSql = (
  client: Client,
  part: Part,
  done: { completed: number },
  migration: Migration,
) => Promise<void>;

/** A migration may have become somebody else, who must not write to the ledger. */
export const ourselvesAgain = "reset session authorization; reset role";

/** Runs what is sent together; `completed` counts its statements that succeeded, even if it fails. */
export async function sendWhole(
  client: Client,
  { text }: Pick<Part, "text">,
  done: { completed: number },
): Promise<void> {
  const { connection } = client as unknown as { connection: EventEmitter };
  const count = () => {
    done.completed += 1;
  };
  connection.on("commandComplete", count);
  try {
    await client.query(text);
  } finally {
    connection.off("commandComplete", count);
  }
}

/** @param command that goes on from there */
export function connectionLost(what: string, command: string, cause: unknown): DsError {
  return new DsError("UPSTREAM", `the connection to the database was lost ${what}`, {
    reason: "CONNECTION_LOST",
    hint: `Run \`${command}\` again: it reads from the database what is done, and goes on from there`,
    cause,
  });
}

/**
 * What went wrong with queries of our own.
 *
 * @param after how things stand where the connection was lost
 * @param command that goes on from there
 */
export function ledgerFailure(error: unknown, after: string, command: string): unknown {
  if (error instanceof DsError) return error;
  if (isServerError(error)) return ledgerRefused(error);
  return isConnectionError(error) ? connectionLost(after, command, error) : error;
}

/** @param changed something was committed */
export function interrupted(
  { changes, command, migrations }: Pick<MigrationRun, "changes" | "command" | "migrations">,
  outcome: string,
  changed: boolean,
): DsError {
  changes.set(migrations, outcome, changed ? "changed" : "unchanged");
  return new DsError("INTERRUPTED", `stopped: ${outcome}`, {
    hint: `\`${command}\` goes on from there`,
  });
}
