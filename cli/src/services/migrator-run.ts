import { setTimeout as sleep } from "node:timers/promises";
import type { Client } from "pg";
import type { Migration } from "../core/migrations.ts";
import { outcome, type ServerError, sentText, sqlFailure } from "../core/migrations-failure.ts";
import { DsError } from "../errors.ts";
import { type Blocker, describeBlockers, watchBlockers } from "./migrator-blockers.ts";
import { type LedgerName, recordMigration } from "./migrator-ledger.ts";
import {
  type Connect,
  connectionLost,
  freshSession,
  inTransaction,
  isConnectionError,
  isServerError,
  type RunText,
  runText,
  serverPid,
} from "./migrator-session.ts";

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
  onRetry(text: string): void;
  runText?: RunText | undefined;
}

const lockTimeout = 2000;
const shortestTimeout = 100;
const attempts = 5;
const firstPause = 250;

const lockNotAvailable = "55P03";
const deadlock = "40P01";

/**
 * One migration and its ledger row in one transaction. Tried again when it could not get a lock:
 * its own queue would make everybody behind it wait, so it steps back each time.
 */
export async function runMigration(
  client: Client,
  migration: Migration,
  options: RunOptions,
): Promise<void> {
  const deadline = Date.now() + options.wait;
  for (let attempt = 1, pause = firstPause; ; attempt += 1, pause *= 2) {
    const watch = watchBlockers(options.connect, serverPid(client));
    const failure = await attemptMigration(client, migration, deadline, options).finally(
      watch.stop,
    );
    if (failure === undefined) return;
    if (failure.code !== lockNotAvailable && failure.code !== deadlock) {
      throw sqlFailure(migration, failure, failure.completed, options.committed);
    }
    if (attempt === attempts || Date.now() + pause >= deadline) {
      throw blocked(migration, watch.blockers, attempt, options.committed);
    }
    options.onRetry(
      `${migration.name} waits for a lock that ${describeBlockers(watch.blockers)} holds; ` +
        `attempt ${attempt} of ${attempts} was rolled back, trying again`,
    );
    await sleep(pause, undefined, { signal: options.signal });
  }
}

/** Undefined when it is committed; the server's error when it was rolled back. */
async function attemptMigration(
  client: Client,
  migration: Migration,
  deadline: number,
  options: RunOptions,
): Promise<(ServerError & { completed: number }) | undefined> {
  const timeout = Math.max(shortestTimeout, Math.min(lockTimeout, deadline - Date.now()));
  const progress = { completed: 0 };
  const cancel = () => void cancelStatement(options.connect, serverPid(client));
  options.signal.addEventListener("abort", cancel, { once: true });
  let committing = false;
  try {
    await client.query(`${freshSession(options.applicationName, timeout)}; begin`);
    await (options.runText ?? runText)(client, sentText(migration), progress, migration);
    if (!inTransaction(client)) throw endedTransaction(migration);
    await client.query("reset session authorization; reset role");
    await recordMigration(client, options.ledger, options.named, migration);
    committing = true;
    await client.query("commit");
    return undefined;
  } catch (error) {
    if (error instanceof DsError) throw error;
    if (!isServerError(error)) {
      if (!isConnectionError(error)) throw error;
      throw lost(migration, committing, options.committed, error);
    }
    await client.query("rollback");
    if (options.signal.aborted) throw interrupted(outcome(migration, options.committed));
    return Object.assign(error, progress);
  } finally {
    options.signal.removeEventListener("abort", cancel);
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

function blocked(
  migration: Migration,
  blockers: Blocker[],
  attempt: number,
  committed: string[],
): DsError {
  const many = attempt === 1 ? "once" : `${attempt} times`;
  return new DsError(
    "LOCKED",
    `${migration.file} needs a lock that ${describeBlockers(blockers)} holds; tried ${many}. ` +
      outcome(migration, committed),
    {
      hint: "End that session's transaction (or wait for it), then run `ds db migrate` again",
      details: { migration: migration.name, blockers, committed },
    },
  );
}

function lost(migration: Migration, committing: boolean, committed: string[], cause: unknown) {
  return committing
    ? connectionLost(`while ${migration.name} was being committed; it is or it is not`, cause)
    : connectionLost(`during ${migration.file}: ${outcome(migration, committed)}`, cause);
}

function endedTransaction(migration: Migration): DsError {
  return new DsError(
    "MIGRATION_REFUSED",
    `${migration.file} ended the transaction that it was run in, so part of it may be committed ` +
      "and it was not recorded as applied.",
    { hint: "Take what ends the transaction out of the file, and look at what the database holds" },
  );
}
