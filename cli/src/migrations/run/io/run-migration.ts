import type { Client } from "pg";
import { DsError } from "../../../errors/ds-error.ts";
import { Backoff } from "../../../lib/io/backoff.ts";
import { serverPid } from "../../../postgres/io/session.ts";
import { sqlState } from "../../../postgres/sqlstate.ts";
import { ledgerWriteFailure } from "../../failure/ledger-failure.ts";
import { outcome, sentText, sqlFailure } from "../../failure/sql-failure.ts";
import type { Migration } from "../../folder/migration.ts";
import { shownLedger } from "../../ledger/io/ledger.ts";
import { createSteps, nextStep, type StepRow } from "../../ledger/io/steps-table.ts";
import { stepsOf } from "../../sql/parse.ts";
import type { Step } from "../../sql/steps.ts";
import { attemptStep } from "./attempt-step.ts";
import { type Blocker, describeBlockers, watchBlockers } from "./blockers.ts";
import { appliedText, type RunOptions, type Work } from "./progress.ts";

const attempts = 5;
const firstPause = 250;

/**
 * Runs one migration and writes it into the ledger: in one transaction where that is possible, else
 * step by step, from the step at which an earlier run ended.
 *
 * @param begun rows of the side table
 */
export async function runMigration(
  client: Client,
  migration: Migration,
  begun: StepRow[],
  options: RunOptions,
): Promise<void> {
  const deadline = Date.now() + options.wait;
  const steps = await stepsOf(sentText(migration));
  const next = nextStep(migration, steps, begun);
  const several = steps.length > 1 || steps[0]?.alone !== undefined;
  if (several) await createSteps(client, options.ledger);
  const noted = several || begun.some((row) => row.migration === migration.ledgerName);
  if (next > 0) {
    options.onNote(`${migration.name} goes on behind its first ${plural(next, steps)}`);
  }
  for (const [index, step] of steps.entries()) {
    if (index < next) continue;
    const row = begun.find(
      ({ migration: of, step: at }) => of === migration.ledgerName && at === index,
    );
    await runStep(
      client,
      { migration, step, index, last: index === steps.length - 1, noted, row },
      deadline,
      options,
    );
  }
  // Its last statements were taken out of the file after they had failed.
  if (next >= steps.length) await client.query(appliedText(migration, noted, options));
}

/**
 * Tried again when it could not get a lock: its own queue would make everybody behind it wait, so it
 * steps back each time.
 */
async function runStep(
  client: Client,
  work: Work,
  deadline: number,
  options: RunOptions,
): Promise<void> {
  const { migration, step } = work;
  let blockers: Blocker[] = [];
  const backoff = new Backoff({ firstPause, deadline, signal: options.signal });
  for (let attempt = 1; ; attempt += 1) {
    const watch = watchBlockers(options.connect, serverPid(client), (blockers) =>
      options.onNote(`${migration.name} waits for ${describeBlockers(blockers)}`),
    );
    const failure = await attemptStep(client, work, deadline, options).finally(watch.stop);
    if (failure === undefined) return;
    // The last attempt may be over before anybody has looked who is in its way.
    if (watch.blockers.length > 0) blockers = watch.blockers;
    if (failure.code !== sqlState.lockNotAvailable && failure.code !== sqlState.deadlockDetected) {
      if (failure.onLedger) {
        const ledger = shownLedger(options.ledger);
        throw ledgerWriteFailure(ledger, migration, step, failure, options.committed);
      }
      throw sqlFailure(migration, step, failure, failure.completed, options.committed);
    }
    if (attempt === attempts || backoff.isNextTooLate) {
      throw failure.code === sqlState.deadlockDetected
        ? deadlocked(migration, step, attempt, options.committed)
        : blocked(migration, step, blockers, attempt, options.committed);
    }
    const reason =
      failure.code === sqlState.deadlockDetected
        ? "and another session waited for each other"
        : `waits for a lock that ${describeBlockers(blockers)} holds`;
    options.onNote(
      `${migration.name} ${reason}; attempt ${attempt} of ${attempts} was rolled back, trying again`,
    );
    await backoff.wait();
  }
}

function deadlocked(
  migration: Migration,
  step: Step,
  attempt: number,
  committed: string[],
): DsError {
  return new DsError(
    "LOCKED",
    `${migration.file} and another session waited for each other, which the server ended; tried ${times(attempt)}. ` +
      outcome(migration, step, committed),
    {
      hint:
        "It needs a second or a stronger lock while others wait for its first one: put the statement with the " +
        "strongest lock first, or into a migration of its own",
      details: { migration: migration.name, deadlock: true, committed },
    },
  );
}

const times = (count: number): string => (count === 1 ? "once" : `${count} times`);

function blocked(
  migration: Migration,
  step: Step,
  blockers: Blocker[],
  attempt: number,
  committed: string[],
): DsError {
  return new DsError(
    "LOCKED",
    `${migration.file} needs a lock that ${describeBlockers(blockers)} holds; tried ${times(attempt)}. ` +
      outcome(migration, step, committed),
    {
      hint: "End that session's transaction (or wait for it), then run `ds db migrate` again",
      details: { migration: migration.name, blockers, committed },
    },
  );
}

function plural(count: number, steps: Step[]): string {
  const statements = steps[count]?.before ?? steps.reduce((sum, step) => sum + step.statements, 0);
  return statements === 1
    ? "statement, which is committed"
    : `${statements} statements, which are committed`;
}
