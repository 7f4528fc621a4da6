import type { Client } from "pg";
import { DsError } from "../../../errors/ds-error.ts";
import { isServerError } from "../../../postgres/server-error.ts";
import { forgetStep, recordStepText, stepHash } from "../../ledger/io/steps-table.ts";
import type { NonTransactional } from "../../sql/parsed-statement.ts";
import { sendText } from "./messages.ts";
import {
  dropLeftovers,
  isHalfDetached,
  outcomeOf,
  snapshotBefore,
} from "./nontransactional-outcome.ts";
import { noteText, type Progress, type RunOptions, type Work } from "./progress.ts";
import { ourselvesAgain } from "./session.ts";

/** For what a failure left behind; the next run cleans up as well. */
const cleanUpTimeout = 2000;

/**
 * Runs a statement that no transaction may be around: notes that it begins, runs it, notes that it is
 * done. Between the two notes a run can die, so a note of a beginning is looked into first.
 */
export async function attemptAlone(
  client: Client,
  work: Work,
  session: string,
  progress: Progress,
  options: RunOptions,
): Promise<void> {
  const { migration, step, index, row } = work;
  const alone = step.alone as NonTransactional;
  const enter = async () => {
    await client.query(session);
    if (step.settings !== "") await client.query(step.settings);
  };
  const done = async () => {
    progress.committing = true;
    progress.noting = true;
    // One simple query is one transaction.
    await client.query(`${ourselvesAgain}; ${noteText(work, options)}`);
  };

  await enter();
  if (row !== undefined && !row.done) {
    const fate = await outcomeOf(client, alone, row.seen);
    if (fate === "unclear") throw unclear(work);
    if (fate === "done") return done();
  }
  for (const name of await dropLeftovers(client, alone, row?.seen)) {
    options.onNote(`${migration.name}: dropped ${name}, which an earlier attempt left half-built`);
  }
  const half = await isHalfDetached(client, alone);
  const seen = await snapshotBefore(client, alone);
  const begun = { migration: migration.ledgerName, step: index, hash: stepHash(step), seen };
  const note = recordStepText(options.ledger, { ...begun, done: false });
  progress.noting = true;
  await client.query(`${ourselvesAgain}; ${note}`);
  progress.noting = false;
  await enter();
  try {
    const text = half ? finalize(alone) : step.text;
    await sendText(client, text, progress, migration, options);
  } catch (error) {
    // The row that is there is now this attempt's.
    work.row = { ...begun, done: false };
    if (isServerError(error)) await cleanUp(client, work, options, seen);
    throw error;
  }
  await done();
}

/** What stays behind because of a lock, or of a connection that broke, is the next run's to drop. */
async function cleanUp(client: Client, work: Work, options: RunOptions, seen: string[]) {
  const alone = work.step.alone as NonTransactional;
  try {
    await client.query(`${ourselvesAgain}; set lock_timeout = ${cleanUpTimeout}`);
    await dropLeftovers(client, alone, seen);
    // An opaque statement that failed may have done a part of its work all the same, but it is known to have ended.
    await forgetStep(client, options.ledger, {
      migration: work.migration.ledgerName,
      step: work.index,
    });
    work.row = undefined;
  } catch (error) {
    if (!isServerError(error)) throw error;
  }
}

function finalize(alone: NonTransactional): string {
  if (alone.kind !== "detach-partition") throw new Error(`${alone.kind} has no second half`);
  return `alter table ${alone.table} detach partition ${alone.partition} finalize`;
}

function unclear({ migration, step }: Work): DsError {
  const number = step.before + 1;
  return new DsError(
    "MIGRATION_REFUSED",
    `${migration.file}: an earlier run began statement ${number}, which is outside of any transaction, and ` +
      "nobody saw its end: it may have been carried out, or not. Nothing was run.",
    {
      hint:
        "Look at what the database holds. Finish the migration by hand and say so: " +
        `ds db resolve --applied ${migration.name}; or undo what it did, then run it anew: ` +
        `ds db resolve --forget ${migration.name}`,
      details: { migration: migration.name, file: migration.file, statement: number },
    },
  );
}
