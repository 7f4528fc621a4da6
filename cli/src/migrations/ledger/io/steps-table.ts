import { createHash } from "node:crypto";
import type { Client } from "pg";
import { codeOf } from "../../../errors/code-of.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { quoteLiteral, quoteQualified } from "../../../postgres/quote.ts";
import { sqlState } from "../../../postgres/sqlstate.ts";
import type { Migration } from "../../folder/migration.ts";
import type { Step } from "../../sql/steps.ts";
import type { LedgerName } from "../ledger-name.ts";

/**
 * How far migrations of several steps have come, in a table beside the ledger that Drizzle ignores. A
 * migration's rows go with the transaction that writes it into the ledger.
 */
export const stepsTable = "__ds_migration_steps";

export interface StepRow {
  /** As the ledger knows it. */
  migration: string;
  step: number;
  /** sha256 of the step's text, with LF. */
  hash: string;
  /** False for a statement outside of transactions that was begun: it may have been carried out. */
  done: boolean;
  /** What `snapshotBefore` saw before the statement was begun. */
  seen: string[];
}

export async function readSteps(client: Client, ledger: LedgerName): Promise<StepRow[]> {
  try {
    const { rows } = await client.query<StepRow>(
      `select migration, step, hash, done, seen from ${name(ledger)} order by step`,
    );
    return rows;
  } catch (error) {
    if (codeOf(error) !== sqlState.undefinedTable) throw error;
    return [];
  }
}

export async function createSteps(client: Client, ledger: LedgerName): Promise<void> {
  await client.query(
    `create table if not exists ${name(ledger)} (
       migration text not null, step int not null, hash text not null, done boolean not null,
       seen text[] not null, at timestamp with time zone not null default clock_timestamp(),
       primary key (migration, step)
     )`,
  );
}

export function recordStepText(ledger: LedgerName, row: StepRow): string {
  const seen = `array[${row.seen.map(quoteLiteral).join(", ")}]::text[]`;
  return `insert into ${name(ledger)} (migration, step, hash, done, seen)
     values (${quoteLiteral(row.migration)}, ${row.step}, ${quoteLiteral(row.hash)}, ${row.done}, ${seen})
     on conflict (migration, step) do update
       set hash = excluded.hash, done = excluded.done, seen = excluded.seen, at = excluded.at`;
}

/** The statement was refused: it has not begun after all. */
export async function forgetStep(
  client: Client,
  ledger: LedgerName,
  { migration, step }: Pick<StepRow, "migration" | "step">,
): Promise<void> {
  await client.query(`delete from ${name(ledger)} where migration = $1 and step = $2`, [
    migration,
    step,
  ]);
}

/** Part of the transaction that writes to the ledger; the table has to be there. */
export function forgetStepsText(ledger: LedgerName, migration: string): string {
  return `delete from ${name(ledger)} where migration = ${quoteLiteral(migration)}`;
}

/** How many steps of it are committed; null where what was run is no longer what the file says. */
export function committedSteps(
  migration: Migration,
  steps: Step[],
  rows: StepRow[],
): number | null {
  const begun = rowsOf(migration, rows);
  const isEdited = begun.some((row) => {
    const step = steps[row.step];
    return step === undefined || stepHash(step) !== row.hash;
  });
  return isEdited ? null : begun.filter((row) => row.done).length;
}

/** The number of the step to go on with, from 0. Refuses an edited one: later statements may rely on either. */
export function nextStep(migration: Migration, steps: Step[], rows: StepRow[]): number {
  const committed = committedSteps(migration, steps, rows);
  if (committed === null) throw editedMidway(migration, rows);
  return committed;
}

const rowsOf = ({ ledgerName }: Migration, rows: StepRow[]): StepRow[] =>
  rows.filter((row) => row.migration === ledgerName);

export function stepHash({ text }: Step): string {
  // Comments and blank lines behind the last statement may come and go.
  return createHash("sha256").update(text.replaceAll("\r\n", "\n").trimEnd()).digest("hex");
}

export function editedMidway(migration: Migration, rows: StepRow[]): DsError {
  const done = rowsOf(migration, rows).filter((row) => row.done).length;
  const what =
    done === 0
      ? "A statement of it was begun"
      : `${done === 1 ? "Its first step is" : `Its first ${done} steps are`} committed`;
  return new DsError(
    "MIGRATION_REFUSED",
    `${migration.file} was edited after it was run in part. ${what}, and that part of the file is ` +
      "not what it was. Nothing was run.",
    {
      reason: "MIGRATION_EDITED_MIDWAY",
      hint:
        "Put that part back as it was (later statements may change), or finish the migration by hand and say so: " +
        `ds db resolve --applied ${migration.name}; or undo it by hand, then: ` +
        `ds db resolve --forget ${migration.name}`,
      details: { migration: migration.name, file: migration.file, committedSteps: done },
    },
  );
}

function name({ schema }: LedgerName): string {
  return quoteQualified(schema, stepsTable);
}
