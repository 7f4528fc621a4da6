import { createHash } from "node:crypto";
import type { Client } from "pg";
import type { DsError } from "../../../errors/ds-error.ts";
import { quoteLiteral } from "../../../postgres/quote.ts";
import { NotRun } from "../../failure/not-run.ts";
import type { Migration } from "../../folder/migration.ts";
import type { Step } from "../../sql/steps.ts";
import type { LedgerName } from "../ledger-name.ts";
import { formerTable, openOwnTables, ownTable, readableTables } from "./own-tables.ts";

const table = ownTable("steps");

/**
 * How far a migration of several steps has come, in a table of ds's own. A migration's rows go with the
 * transaction that writes it into the ledger.
 */
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

export async function readSteps(client: Client, { schema }: LedgerName): Promise<StepRow[]> {
  const { own, former } = await readableTables(client, "steps", schema);
  const columns = "select migration, step, hash, done, seen from";
  const texts = [
    ...(own ? [`${columns} ${table} where ledger_schema = ${quoteLiteral(schema)}`] : []),
    ...(former ? [`${columns} ${formerTable("steps", schema)}`] : []),
  ];
  if (texts.length === 0) return [];
  const { rows } = await client.query<StepRow>(`${texts.join(" union all ")} order by step`);
  return rows;
}

/** Before anything is noted. */
export async function createSteps(client: Client, { schema }: LedgerName): Promise<void> {
  await openOwnTables(client, schema);
}

export function recordStepText(ledger: LedgerName, row: StepRow): string {
  const seen = `array[${row.seen.map(quoteLiteral).join(", ")}]::text[]`;
  return `insert into ${table} (ledger_schema, migration, step, hash, done, seen)
     values (${quoteLiteral(ledger.schema)}, ${quoteLiteral(row.migration)}, ${row.step}, ${quoteLiteral(row.hash)}, ${row.done}, ${seen})
     on conflict (ledger_schema, migration, step) do update
       set hash = excluded.hash, done = excluded.done, seen = excluded.seen, at = excluded.at`;
}

/** The statement was refused: it has not begun after all. */
export async function forgetStep(
  client: Client,
  ledger: LedgerName,
  { migration, step }: Pick<StepRow, "migration" | "step">,
): Promise<void> {
  await client.query(`${forgetStepsText(ledger, migration)} and step = ${step}`);
}

/** Part of the transaction that writes to the ledger; the table has to be there. */
export function forgetStepsText({ schema }: LedgerName, migration: string): string {
  return `delete from ${table} where ledger_schema = ${quoteLiteral(schema)} and migration = ${quoteLiteral(migration)}`;
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
  return new NotRun(
    "MIGRATION_REFUSED",
    `${migration.file} was edited after it was run in part. ${what}, and that part of the file is ` +
      "not what it was",
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
