import type { DsError } from "../../../errors/ds-error.ts";
import { isServerError } from "../../../postgres/server-error.ts";
import { NotRun } from "../../failure/not-run.ts";
import { forgetStep, recordStepText, type StepRow, stepHash } from "../../ledger/io/steps-table.ts";
import type { NonTransactional } from "../../sql/parsed-statement.ts";
import type { Part } from "../../sql/pieces.ts";
import {
  type Attempt,
  type MigratorSession,
  noteText,
  sendStep,
  type Work,
} from "./migrator-session.ts";
import {
  dropLeftovers,
  isHalfDetached,
  outcomeOf,
  snapshotBefore,
} from "./nontransactional-outcome.ts";
import { ourselvesAgain } from "./session.ts";

/** For what a failure left behind; the next run cleans up as well. */
const cleanUpTimeout = 2000;

/**
 * Runs a statement that no transaction may be around: notes that it begins, runs it, notes that it is
 * done. Between the two notes a run can die, so a note of a beginning is looked into first.
 */
export async function attemptNonTransactional(
  session: MigratorSession,
  attempt: Attempt,
): Promise<void> {
  const { client, run } = session;
  const { migration, step, row } = attempt.work;
  const alone = step.alone as NonTransactional;
  await enter(session, attempt);
  if (row !== undefined && !row.done) {
    const outcome = await outcomeOf(client, alone, row.seen);
    if (outcome === "unclear") throw unclear(attempt.work);
    if (outcome === "done") return noteDone(session, attempt);
  }
  for (const index of await dropLeftovers(client, alone, row?.seen)) {
    run.observe({ kind: "leftover-dropped", migration: migration.name, index });
  }
  const half = await isHalfDetached(client, alone);
  const begun = await noteBegun(session, attempt, await snapshotBefore(client, alone));
  await enter(session, attempt);
  try {
    await sendStep(session, attempt, half ? [finalize(alone)] : step.parts);
  } catch (error) {
    // The row that is there is now this attempt's.
    attempt.work.row = begun;
    if (isServerError(error)) await cleanUp(session, attempt.work, begun.seen);
    throw error;
  }
  await noteDone(session, attempt);
}

async function enter({ client }: MigratorSession, { freshSession, work }: Attempt): Promise<void> {
  await client.query(freshSession);
  if (work.step.settings !== "") await client.query(work.step.settings);
}

async function noteBegun(
  { client, run }: MigratorSession,
  { progress, work: { index, migration, step } }: Attempt,
  seen: string[],
): Promise<StepRow> {
  const hash = stepHash(step);
  const row = { migration: migration.ledgerName, step: index, hash, seen, done: false };
  progress.noting = true;
  const note = recordStepText(run.migrations.ledger, row);
  await client.query(`${ourselvesAgain}; ${note}`);
  progress.noting = false;
  return row;
}

async function noteDone(session: MigratorSession, { progress, work }: Attempt): Promise<void> {
  progress.committing = true;
  progress.noting = true;
  // One simple query is one transaction.
  await session.client.query(`${ourselvesAgain}; ${noteText(session, work)}`);
}

/** What stays behind because of a lock, or of a connection that broke, is the next run's to drop. */
async function cleanUp(
  { client, run }: MigratorSession,
  work: Work,
  seen: string[],
): Promise<void> {
  const { index, migration, step } = work;
  try {
    await client.query(`${ourselvesAgain}; set lock_timeout = ${cleanUpTimeout}`);
    await dropLeftovers(client, step.alone as NonTransactional, seen);
    // An opaque statement that failed may have done a part of its work all the same, but it is known to have ended.
    const row = { migration: migration.ledgerName, step: index };
    await forgetStep(client, run.migrations.ledger, row);
    work.row = undefined;
  } catch (error) {
    if (!isServerError(error)) throw error;
  }
}

function finalize(alone: NonTransactional): Part {
  if (alone.kind !== "detach-partition") throw new Error(`${alone.kind} has no second half`);
  return {
    start: 0,
    text: `alter table ${alone.table} detach partition ${alone.partition} finalize`,
  };
}

function unclear({ migration, step }: Work): DsError {
  const number = step.before + 1;
  return new NotRun(
    "MIGRATION_REFUSED",
    `${migration.file}: an earlier run began statement ${number}, which is outside of any transaction, and ` +
      "nobody saw its end: it may have been carried out, or not",
    {
      reason: "OUTCOME_UNCLEAR",
      hint:
        "Look at what the database holds. Finish the migration by hand and say so: " +
        `ds db resolve --applied ${migration.name}; or undo what it did, then run it anew: ` +
        `ds db resolve --forget ${migration.name}`,
      details: { migration: migration.name, file: migration.file, statement: number },
    },
  );
}
