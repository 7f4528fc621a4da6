import { chown, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import { EngineError } from "../../lib/engine-error.ts";
import type { Contents } from "../../model/contents.ts";
import { type AdminAddress, asAdmin, quoteLiteral } from "../../postgres/io/admin.ts";
import { type LastCheckpoint, lastCheckpoint } from "../../postgres/io/control-file.ts";
import { type ComputeEnvironment, type ComputePlan, launch } from "../../postgres/io/launch.ts";
import { stopPostmaster } from "../../postgres/io/processes.ts";
import { readContents } from "../../postgres/io/roles.ts";
import { withoutSubscribing } from "../../postgres/io/subscriptions.ts";
import type { RecoveryTarget } from "../recovery-target.ts";

export interface WalReplay {
  contents: Contents;
  /** Up to where the log was replayed. */
  lsn: string;
  /** Databases that were being dropped at the end of it, and whose files are gone. */
  dropping: string[];
  /** A microsecond before the last transaction that was replayed ended; undefined: none was. */
  justBeforeLastEnd: string | undefined;
  /** From where it was replayed. */
  checkpoint: LastCheckpoint;
  /** Transactions that had not been committed by then; undefined: too many to look at. */
  uncommitted: string[] | undefined;
}

export interface WalReplayOrder {
  /** The data directory. */
  path: string;
  /** Of the server that replays. */
  logFile: string;
  name: string;
  /** The directory of the segments. */
  log: string;
  target: RecoveryTarget;
  /** Called while the server is up, at the end. */
  look?: ((address: AdminAddress) => Promise<void>) | undefined;
}

/** Replays a log on a copy of a data directory, which is a whole one afterwards, of a stopped server. */
export async function replayWal(
  environment: ComputeEnvironment,
  order: WalReplayOrder,
): Promise<WalReplay> {
  const signal = join(order.path, "recovery.signal");
  await writeFile(signal, "");
  const { user, adminPassword } = environment;
  if (user) await chown(signal, user.uid, user.gid);
  const checkpoint = await lastCheckpoint(order.path);
  const running = await launch(environment, planOf(order)).catch((error: Error) => {
    throw new EngineError(
      422,
      "POINT_IN_TIME_UNREACHABLE",
      `that moment cannot be reached: ${error.message}`,
      error,
    );
  });
  try {
    const address = { port: running.port, password: adminPassword };
    const { end, contents } = await asAdmin(address, "postgres", async (client) => {
      const { rows } = await client.query<End>(endOfRecovery);
      return { end: rows[0] as End, contents: await readContents(client) };
    });
    await forgetPrepared(address);
    const { lsn, dropping, before, next } = end;
    const uncommitted = await asAdmin(address, "postgres", (client) =>
      readUncommitted(client, checkpoint, BigInt(next)),
    );
    await order.look?.(address);
    const justBeforeLastEnd = before ?? undefined;
    return { contents, lsn, dropping, justBeforeLastEnd, checkpoint, uncommitted };
  } finally {
    await stopPostmaster(running.pid);
    await running.exited;
  }
}

function planOf({ path, logFile, name, log, target }: WalReplayOrder): ComputePlan {
  return {
    dataDir: path,
    logFile,
    clusterName: name.replace(/[^ -~]/g, "?"),
    settings: {
      ...target,
      recovery_target_action: "promote",
      recovery_target_timeline: "current",
      restore_command: copyCommand(log),
      hot_standby: "off",
      shared_buffers: "64MB",
      // As many as the source may have left; recovery needs room for them.
      max_prepared_transactions: "100",
      autovacuum: "off",
      ...withoutSubscribing,
    },
  };
}

interface End {
  lsn: string;
  dropping: string[];
  before: string | null;
  next: string;
}

const endOfRecovery = `
  select pg_last_wal_replay_lsn() as lsn, pg_snapshot_xmax(pg_current_snapshot())::text as next,
    array(select datname::text from pg_database where datconnlimit = -2) as dropping,
    to_char((pg_last_xact_replay_timestamp() - interval '1 microsecond') at time zone 'UTC',
      'YYYY-MM-DD HH24:MI:SS.US+00') as before`;

/** So many are asked about in less than a second. */
const mostTransactions = 1_000_000n;
const mostUncommitted = 10_000;

/** Of all transactions before `next` those that were not committed at the checkpoint, nor in the log that was replayed. */
async function readUncommitted(
  client: pg.Client,
  { oldestTransaction: oldest }: LastCheckpoint,
  next: bigint,
): Promise<string[] | undefined> {
  if (next - oldest > mostTransactions) return undefined;
  const { rows } = await client.query<{ xid: string }>(
    `select n::text as xid from generate_series($1::int8, $2::int8 - 1) n
     where pg_xact_status(n::text::xid8) is distinct from 'committed' limit ${mostUncommitted + 1}`,
    [String(oldest), String(next)],
  );
  return rows.length > mostUncommitted ? undefined : rows.map(({ xid }) => xid);
}

/**
 * Transactions that were prepared but not decided at the moment have not happened then; kept, they
 * would hold their locks for ever, as whoever decides about them knows nothing of this copy.
 */
async function forgetPrepared(address: AdminAddress): Promise<void> {
  const prepared = await asAdmin(address, "postgres", async (client) => {
    const { rows } = await client.query<{ gid: string; database: string }>(
      "select gid, database from pg_prepared_xacts",
    );
    return rows;
  });
  for (const { gid, database } of prepared) {
    await asAdmin(address, database, (client) =>
      client.query(`rollback prepared ${quoteLiteral(gid)}`),
    );
  }
}

/** For the shell that Postgres runs it in; Postgres itself replaces %f and %p. */
function copyCommand(directory: string): string {
  const quoted = `'${directory.replaceAll("'", `'\\''`).replaceAll("%", "%%")}'`;
  return `cp ${quoted}/%f %p`;
}
