import { DsError } from "../../../errors/ds-error.ts";
import { Backoff } from "../../../lib/io/backoff.ts";
import { serverPid } from "../../../postgres/io/session.ts";
import { sqlState } from "../../../postgres/sqlstate.ts";
import { ledgerWriteFailure } from "../../failure/ledger-failure.ts";
import { outcome, type RunningStep } from "../../failure/running-step.ts";
import { sqlFailure } from "../../failure/sql-failure.ts";
import { type Migration, sentText } from "../../folder/migration.ts";
import { shownLedger } from "../../ledger/io/ledger.ts";
import { createSteps, nextStep, type StepRow } from "../../ledger/io/steps-table.ts";
import { type Blocker, describeBlockers } from "../../ledger/session.ts";
import { cutMigration } from "../../sql/parse.ts";
import type { Step } from "../../sql/steps.ts";
import { attemptStep, type Verdict } from "./attempt-step.ts";
import { watchBlockers } from "./blockers.ts";
import { checkSyntax } from "./check-syntax.ts";
import { appliedText, type MigratorSession, runningStep, type Work } from "./migrator-session.ts";

const attempts = 5;
const firstPause = 250;

/**
 * Runs one migration and writes it into the ledger: in one transaction where that is possible, else
 * step by step, from the step at which an earlier run ended.
 *
 * @param begun rows of the side table
 */
export async function runMigration(
  session: MigratorSession,
  migration: Migration,
  begun: StepRow[],
): Promise<void> {
  const { client, run } = session;
  const deadline = Date.now() + run.lockWait.milliseconds;
  const { steps, unread } = await cutMigration(sentText(migration));
  const next = nextStep(migration, steps, begun);
  const first = steps[next];
  if (first !== undefined && steps.length > 1) {
    await checkSyntax(client, runningStep(session, { migration, step: first }), unread);
  }
  const own = begun.filter((row) => row.migration === migration.ledgerName);
  const several = steps.length > 1 || steps[0]?.alone !== undefined;
  const noted = several || own.length > 0;
  if (noted) await createSteps(client, run.migrations.ledger);
  if (next > 0) {
    const statements = statementsBefore(next, steps);
    run.observe({ kind: "resumed", migration: migration.name, statements });
  }
  for (const [index, step] of steps.entries()) {
    if (index < next) continue;
    const row = own.find((each) => each.step === index);
    const last = index === steps.length - 1;
    await runStep(session, { migration, step, index, last, noted, row, deadline });
  }
  // Its last statements were taken out of the file after they had failed.
  if (next >= steps.length) await client.query(appliedText(session, migration, noted));
}

/**
 * Tried again when it could not get a lock: its own queue would make everybody behind it wait, so it
 * steps back each time.
 */
async function runStep(session: MigratorSession, work: Work): Promise<void> {
  const { client, run } = session;
  const { deadline, migration } = work;
  const running = runningStep(session, work);
  let blockers: readonly Blocker[] = [];
  const backoff = new Backoff({ firstPause, deadline, signal: run.lockWait.signal });
  for (let attempt = 1; ; attempt += 1) {
    const watch = watchBlockers(run.database.connect, serverPid(client), (blockers) =>
      run.observe({ kind: "blocked", migration: migration.name, blockers }),
    );
    const verdict = await attemptStep(session, work).finally(watch.stop);
    if (verdict === undefined) return;
    // The last attempt may be over before anybody has looked who is in its way.
    if (watch.blockers.length > 0) blockers = watch.blockers;
    const cause = causeOf(verdict);
    if (cause === undefined) throw failureOf(session, running, verdict);
    if (attempt === attempts || backoff.isNextTooLate) {
      throw cause === "deadlock"
        ? deadlocked(running, attempt)
        : blocked(running, attempt, blockers);
    }
    run.observe({
      kind: "retried",
      migration: migration.name,
      cause,
      blockers,
      attempt,
      attempts,
    });
    await backoff.wait();
  }
}

/** Of a verdict that another try may not meet again. */
function causeOf({ code }: Verdict): "lock" | "deadlock" | undefined {
  if (code === sqlState.deadlockDetected) return "deadlock";
  return code === sqlState.lockNotAvailable ? "lock" : undefined;
}

function failureOf(session: MigratorSession, running: RunningStep, verdict: Verdict): DsError {
  if (!verdict.onLedger) return sqlFailure(running, verdict, verdict.completed);
  return ledgerWriteFailure(shownLedger(session.run.migrations.ledger), running, verdict);
}

function deadlocked(running: RunningStep, attempt: number): DsError {
  const { committed, migration } = running;
  return new DsError(
    "LOCKED",
    `${migration.file} and another session waited for each other, which the server ended; tried ${times(attempt)}. ` +
      outcome(running),
    {
      reason: "DEADLOCKED",
      hint:
        "It needs a second or a stronger lock while others wait for its first one: put the statement with the " +
        "strongest lock first, or into a migration of its own",
      details: { migration: migration.name, deadlock: true, committed },
    },
  );
}

const times = (count: number): string => (count === 1 ? "once" : `${count} times`);

function blocked(running: RunningStep, attempt: number, blockers: readonly Blocker[]): DsError {
  const { command, committed, migration } = running;
  return new DsError(
    "LOCKED",
    `${migration.file} needs a lock that ${describeBlockers(blockers)} holds; tried ${times(attempt)}. ` +
      outcome(running),
    {
      reason: "TABLE_LOCKED",
      hint: `End that session's transaction (or wait for it), then run \`${command}\` again`,
      details: { migration: migration.name, blockers, committed },
    },
  );
}

/** How many statements are in the first so many steps. */
function statementsBefore(count: number, steps: Step[]): number {
  return steps[count]?.before ?? steps.reduce((sum, step) => sum + step.statements, 0);
}
