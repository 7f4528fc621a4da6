import { DsError } from "../../errors/ds-error.ts";
import { oneLine } from "../../lib/text/one-line.ts";
import type { ServerError } from "../../postgres/server-error.ts";
import { sqlState } from "../../postgres/sqlstate.ts";
import { readOnlyAdvice } from "./advice.ts";
import { outcome, type RunningStep } from "./running-step.ts";

const mayUse = "The role must be allowed to read and write the ledger's schema";

/** The server's verdict on a look at the ledger, or on the making of it. */
export function ledgerRefused(error: Error & { code: string }): DsError {
  return new DsError(
    "UPSTREAM",
    `the ledger cannot be used: ${oneLine(error.message)} (${error.code})`,
    {
      reason: "LEDGER_REFUSED",
      hint: error.code === sqlState.readOnlySqlTransaction ? readOnlyAdvice : mayUse,
      details: { sqlState: error.code },
      cause: error,
    },
  );
}

/** A table of that name is there, and it is somebody else's. */
export function noLedger(ledger: string, missing: string): DsError {
  const problem = `${ledger} is no ledger of Drizzle's: it has no column ${missing}`;
  return new DsError("MIGRATION_REFUSED", `${problem}. Nothing was run.`, {
    reason: "LEDGER_FOREIGN",
    hint: "Name the table that Drizzle writes to in ds.config.ts: migrations.schema and migrations.table",
    details: { problems: [problem], missingColumn: missing },
  });
}

/**
 * The server's verdict on the note that a migration, or a step of it, is done: its own statements
 * have all succeeded.
 */
export function ledgerWriteFailure(
  ledger: string,
  running: RunningStep,
  error: ServerError & { completed: number },
): DsError {
  const { migration, step, committed } = running;
  const carriedOut = step.alone !== undefined && error.completed > 0;
  const after = carriedOut
    ? `${migration.name}: statement ${step.before + 1} was carried out, which the next run finds out.`
    : outcome(running);
  return new DsError(
    "UPSTREAM",
    `the ledger ${ledger} could not be written: ${oneLine(error.message)} (${error.code}); ${after}`,
    {
      reason: "LEDGER_NOT_WRITTEN",
      hint: ledgerAdvice(error.code),
      details: {
        migration: migration.name,
        sqlState: error.code,
        committed,
        committedStatements: step.before,
        ...(carriedOut ? { carriedOut: step.before + 1 } : {}),
      },
    },
  );
}

function ledgerAdvice(code: string): string {
  switch (code) {
    case sqlState.readOnlySqlTransaction:
      return readOnlyAdvice;
    case sqlState.invalidSchemaName:
    case sqlState.undefinedTable:
      return "The migration drops or renames the ledger: take that out of its file";
    case sqlState.notNullViolation:
      return "The table has a column more than Drizzle's that must not be null: give it a default, or drop it";
    case sqlState.insufficientPrivilege:
      return mayUse;
    default:
      return "Look at the triggers and constraints of the ledger's table: Drizzle's has none but its key";
  }
}
