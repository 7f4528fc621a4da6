import type { Client } from "pg";
import { DsError } from "../../../errors/ds-error.ts";
import { type Connect, inTransaction, serverPid } from "../../../postgres/io/session.ts";
import {
  isConnectionError,
  isServerError,
  type ServerError,
} from "../../../postgres/server-error.ts";
import { outcome } from "../../failure/sql-failure.ts";
import type { Migration } from "../../folder/migration.ts";
import { lockInTransaction } from "../../ledger/io/lock.ts";
import { waitsPolitely } from "../../sql/parsed-statement.ts";
import { splitStatements } from "../../sql/split-statements.ts";
import { attemptAlone } from "./attempt-nontransactional.ts";
import { sendText } from "./messages.ts";
import { noteText, type Progress, type RunOptions, type Work } from "./progress.ts";
import {
  connectionLost,
  forgetSettings,
  freshSession,
  ourselvesAgain,
  runText,
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
  client: Client,
  work: Work,
  deadline: number,
  options: RunOptions,
): Promise<Verdict | undefined> {
  const { migration, step } = work;
  const left = deadline - Date.now();
  const patience = step.alone && waitsPolitely(step.alone) ? left : Math.min(lockTimeout, left);
  const session = freshSession(options.applicationName, Math.max(shortestTimeout, patience));
  const interruption = new AbortController();
  const cancel = () => void cancelStatement(options.connect, serverPid(client));
  options.signal.addEventListener("abort", cancel, { signal: interruption.signal });
  const progress: Progress = { completed: 0, committing: false, noting: false };
  try {
    const attempt = step.alone ? attemptAlone : attemptTransaction;
    await attempt(client, work, session, progress, options);
    return undefined;
  } catch (error) {
    if (error instanceof DsError) throw error;
    if (!isServerError(error)) {
      if (!isConnectionError(error)) throw error;
      throw lost(work, progress.committing, options.committed, error);
    }
    if (options.signal.aborted) throw interrupted(outcome(migration, step, options.committed));
    const onLedger = progress.noting;
    if (!progress.committing) {
      return Object.assign(error, { completed: progress.completed, onLedger });
    }
    // Its place is one in the text of the note, not in the file.
    return Object.assign(error, { completed: step.statements, position: undefined, onLedger });
  } finally {
    interruption.abort();
  }
}

async function attemptTransaction(
  client: Client,
  work: Work,
  session: string,
  progress: Progress,
  options: RunOptions,
): Promise<void> {
  try {
    await client.query(`${session}; begin; ${lockInTransaction(options.ledger)}`);
    if (work.step.settings !== "") await client.query(work.step.settings);
    await sendText(client, work.step.text, progress, work.migration, options);
    if (!inTransaction(client)) throw endedTransaction(work.migration);
    await noteAndCommit(client, work, progress, options);
  } catch (error) {
    if (isServerError(error)) await client.query("rollback");
    throw error;
  }
}

async function noteAndCommit(
  client: Client,
  work: Work,
  progress: Progress,
  options: RunOptions,
): Promise<void> {
  progress.committing = true;
  const note = `${ourselvesAgain}; ${noteText(work, options)}`;
  const noted = { completed: 0 };
  try {
    await runText(client, `${note}; commit; ${forgetSettings}`, noted);
  } finally {
    // Behind the note it is the commit that failed, with what the migration left to be checked then.
    progress.noting = noted.completed < splitStatements(note).length;
  }
}

export function interrupted(outcome: string): DsError {
  return new DsError("INTERRUPTED", `stopped: ${outcome}`, {
    hint: "`ds db migrate` goes on from there",
  });
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

function lost({ migration, step }: Work, committing: boolean, committed: string[], cause: unknown) {
  if (committing) {
    return connectionLost(`while ${migration.name} was being committed; it is or it is not`, cause);
  }
  const after = outcome(migration, step, committed);
  return connectionLost(`during ${migration.file}: ${after}`, cause);
}

function endedTransaction(migration: Migration): DsError {
  return new DsError(
    "MIGRATION_REFUSED",
    `${migration.file} ended the transaction that it was run in, so part of it may be committed ` +
      "and it was not recorded as applied.",
    { hint: "Take what ends the transaction out of the file, and look at what the database holds" },
  );
}
