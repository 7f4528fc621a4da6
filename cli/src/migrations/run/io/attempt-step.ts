import { DsError } from "../../../errors/ds-error.ts";
import { type Connect, inTransaction, serverPid } from "../../../postgres/io/session.ts";
import {
  isConnectionError,
  isServerError,
  type ServerError,
} from "../../../postgres/server-error.ts";
import { outcome } from "../../failure/running-step.ts";
import type { Migration } from "../../folder/migration.ts";
import { lockInTransaction } from "../../ledger/io/lock.ts";
import { waitsPolitely } from "../../sql/parsed-statement.ts";
import { splitStatements } from "../../sql/split-statements.ts";
import { attemptNonTransactional } from "./attempt-nontransactional.ts";
import { fillInBatches } from "./fill-in-batches.ts";
import {
  type Attempt,
  type MigratorSession,
  noteText,
  runningStep,
  sendStep,
  type Work,
} from "./migrator-session.ts";
import {
  connectionLost,
  forgetSettings,
  freshSession,
  interrupted,
  ourselvesAgain,
  sendWhole,
} from "./session.ts";

/** The server's verdict, with how many of the step's statements had succeeded. */
export type Verdict = ServerError & {
  completed: number;
  /** It was about our own note, not about the migration. */
  onLedger: boolean;
};

const lockTimeout = 2000;
const shortestTimeout = 100;

/** Undefined when the step is committed and noted; the server's error when it has left nothing. */
export async function attemptStep(
  session: MigratorSession,
  work: Work,
): Promise<Verdict | undefined> {
  const { client, run } = session;
  const { signal } = run.lockWait;
  const interruption = new AbortController();
  const cancel = () => void cancelStatement(run.database.connect, serverPid(client));
  signal.addEventListener("abort", cancel, { signal: interruption.signal });
  const progress = { completed: 0, committing: false, noting: false };
  try {
    const begin = work.step.alone ? attemptNonTransactional : attemptTransaction;
    await begin(session, { work, progress, freshSession: sessionFor(session, work) });
    return undefined;
  } catch (error) {
    if (error instanceof DsError) throw error;
    if (!isServerError(error)) {
      if (!isConnectionError(error)) throw error;
      throw lost(session, work, progress.committing, error);
    }
    if (signal.aborted) {
      const { committed } = session;
      const text = outcome(runningStep(session, work)).replace(/\.$/, "");
      throw interrupted(run, text, committed.length > 0 || work.step.before > 0);
    }
    const onLedger = progress.noting;
    if (!progress.committing) {
      return Object.assign(error, { completed: progress.completed, onLedger });
    }
    return Object.assign(error, { completed: work.step.statements, onLedger });
  } finally {
    interruption.abort();
  }
}

function sessionFor({ run }: MigratorSession, { deadline, step }: Work): string {
  const left = deadline - Date.now();
  const patience = step.alone && waitsPolitely(step.alone) ? left : Math.min(lockTimeout, left);
  return freshSession(run.database.applicationName, Math.max(shortestTimeout, patience));
}

async function attemptTransaction(session: MigratorSession, attempt: Attempt): Promise<void> {
  const { client, run } = session;
  const { migration, step } = attempt.work;
  if (step.batches) await fillInBatches(session, attempt, step.batches);
  try {
    const lock = lockInTransaction(run.migrations.ledger);
    await client.query(`${attempt.freshSession}; ${step.begin}; ${lock}`);
    if (step.settings !== "") await client.query(step.settings);
    await sendStep(session, attempt);
    if (!inTransaction(client)) throw endedTransaction(migration);
    await noteAndCommit(session, attempt);
  } catch (error) {
    if (isServerError(error)) await client.query("rollback");
    throw error;
  }
}

async function noteAndCommit(session: MigratorSession, { progress, work }: Attempt): Promise<void> {
  progress.committing = true;
  const note = `${ourselvesAgain}; ${noteText(session, work)}`;
  const noted = { completed: 0 };
  try {
    await sendWhole(session.client, { text: `${note}; commit; ${forgetSettings}` }, noted);
  } finally {
    // Behind the note it is the commit that failed, with what the migration left to be checked then.
    progress.noting = noted.completed < splitStatements(note).length;
  }
}

async function cancelStatement(connect: Connect, pid: number): Promise<void> {
  try {
    const client = await connect("ds migrate (cancelling)");
    await client.query("select pg_cancel_backend($1)", [pid]);
    await client.end();
  } catch {
    // Then the statement runs to its end, and the signal is seen after it.
  }
}

function lost(session: MigratorSession, work: Work, committing: boolean, cause: unknown): DsError {
  const { name, file } = work.migration;
  const what = committing
    ? `while ${name} was being committed; it is or it is not`
    : `during ${file}: ${outcome(runningStep(session, work))}`;
  return connectionLost(what, session.run.command, cause);
}

function endedTransaction(migration: Migration): DsError {
  return new DsError(
    "MIGRATION_REFUSED",
    `${migration.file} ended the transaction that it was run in, so part of it may be committed ` +
      "and it was not recorded as applied.",
    {
      reason: "TRANSACTION_ENDED",
      hint: "Take what ends the transaction out of the file, and look at what the database holds",
    },
  );
}
