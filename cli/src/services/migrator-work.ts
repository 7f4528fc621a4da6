import type { Client } from "pg";
import type { Migration } from "../core/migrations.ts";
import type { Step } from "../core/migrations-steps.ts";
import { type LedgerName, recordMigration } from "./migrator-ledger.ts";
import type { Connect, RunText } from "./migrator-session.ts";
import { forgetSteps, recordStep, type StepRow, stepHash } from "./migrator-steps.ts";

export interface RunOptions {
  ledger: LedgerName;
  /** The ledger has the columns of Drizzle 1.x. */
  named: boolean;
  applicationName: string;
  connect: Connect;
  /** Milliseconds after which a lock is no longer tried for. */
  wait: number;
  signal: AbortSignal;
  /** Names of the migrations that this run has committed. */
  committed: string[];
  onNote(text: string): void;
  runText?: RunText | undefined;
}

export interface Work {
  migration: Migration;
  step: Step;
  index: number;
  /** With it the migration is applied. */
  last: boolean;
  /** Left by an earlier run that began this step and did not see its end. */
  row: StepRow | undefined;
}

/** Within the step's transaction, or one of its own. */
export async function noteStep(client: Client, work: Work, options: RunOptions): Promise<void> {
  const { migration, step, index, last } = work;
  if (last) return noteApplied(client, migration, options);
  const row = { migration: migration.ledgerName, step: index, hash: stepHash(step) };
  await recordStep(client, options.ledger, { ...row, done: true, seen: [] });
}

/** Where nothing is left to be run. */
export async function recordApplied(
  client: Client,
  migration: Migration,
  options: Pick<RunOptions, "ledger" | "named">,
): Promise<void> {
  await inOneTransaction(client, () => noteApplied(client, migration, options));
}

export async function inOneTransaction(client: Client, work: () => Promise<void>): Promise<void> {
  await client.query("begin");
  try {
    await work();
    await client.query("commit");
  } catch (error) {
    // A connection that is broken has rolled back already; its own error is the one to know of.
    await client.query("rollback").catch(() => undefined);
    throw error;
  }
}

async function noteApplied(
  client: Client,
  migration: Migration,
  { ledger, named }: Pick<RunOptions, "ledger" | "named">,
): Promise<void> {
  await recordMigration(client, ledger, named, migration);
  await forgetSteps(client, ledger, migration.ledgerName);
}
