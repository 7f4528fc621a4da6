import { createHash } from "node:crypto";
import type { Client } from "pg";
import type { DsError } from "../../../errors/ds-error.ts";
import { Backoff } from "../../../lib/io/backoff.ts";
import { rememberServerPid } from "../../../postgres/io/session.ts";
import { NotRun } from "../../failure/not-run.ts";
import type { LedgerName } from "../ledger-name.ts";
import type { LockWait } from "../lock-wait.ts";
import { describeSession, type Session } from "../session.ts";
import { qualified } from "./ledger.ts";

/** First half of the two-part advisory key: "ds". */
const keySpace = 0x6473;
const firstPause = 50;
const longestPause = 500;

/**
 * Takes the ledger's lock for the rest of the session. By polling: whoever *waits* in
 * pg_advisory_lock holds a snapshot, and a concurrent index build waits for all older snapshots, so
 * the two would wait for each other.
 *
 * @param onWait told once per holder, as soon as somebody turns out to hold the lock
 */
export async function lockLedger(
  client: Client,
  ledger: LedgerName,
  { milliseconds, signal }: LockWait,
  onWait: (holder: Session | undefined) => void,
): Promise<void> {
  const key = ledgerKey(ledger);
  const deadline = Date.now() + milliseconds;
  const backoff = new Backoff({ firstPause, longestPause, deadline, signal });
  let told: number | undefined;
  for (;;) {
    const { rows } = await client.query(
      "select pg_try_advisory_lock($1, $2) as locked, pg_backend_pid() as pid",
      [keySpace, key],
    );
    rememberServerPid(client, rows[0].pid);
    if (rows[0].locked === true) return;

    const holder = await lockHolder(client, key);
    if (backoff.isTimeUp) throw stillLocked(holder, milliseconds);
    if (told === undefined || (holder !== undefined && holder.pid !== told)) {
      told = holder?.pid ?? 0;
      onWait(holder);
    }
    await backoff.wait();
  }
}

/** A migration may have given it away: DISCARD ALL and pg_advisory_unlock_all end all locks of a session. */
export async function stillHoldsLock(client: Client, ledger: LedgerName): Promise<boolean> {
  const { rows } = await client.query(
    `select from pg_locks
     where pid = pg_backend_pid() and locktype = 'advisory' and granted
       and classid = $1 and objid = $2 and objsubid = 2`,
    [keySpace, ledgerKey(ledger)],
  );
  return rows.length > 0;
}

/** The same lock once more, of the transaction: that one no statement can give away. */
export const lockInTransaction = (ledger: LedgerName): string =>
  `select pg_advisory_xact_lock(${keySpace}, ${ledgerKey(ledger)})`;

/** Columns of Session out of pg_stat_activity, aliased `a`. */
export const sessionColumns = `
  a.pid,
  coalesce(a.application_name, '') as application,
  coalesce(a.state, 'in an unknown state') as state,
  coalesce(extract(epoch from clock_timestamp() - coalesce(a.xact_start, a.backend_start)), 0)::float8
    as seconds`;

async function lockHolder(client: Client, key: number): Promise<Session | undefined> {
  const { rows } = await client.query<Session>(
    `select ${sessionColumns}
     from pg_locks l join pg_stat_activity a using (pid)
     where l.locktype = 'advisory' and l.granted
       and l.database = (select oid from pg_database where datname = current_database())
       and l.classid = $1 and l.objid = $2 and l.objsubid = 2`,
    [keySpace, key],
  );
  return rows[0];
}

/** Of the table itself: who reads it waits for nobody but a session that has all of it. */
export async function ledgerLocked(
  client: Client,
  ledger: LedgerName,
  waited: number,
): Promise<DsError> {
  const name = qualified(ledger);
  const { rows } = await client.query<Session>(
    `select ${sessionColumns}
     from pg_locks l join pg_stat_activity a using (pid)
     where l.relation = to_regclass($1) and l.granted and l.mode = 'AccessExclusiveLock'`,
    [name],
  );
  const [holder] = rows;
  const who = holder === undefined ? "another session" : describeSession(holder);
  return new NotRun(
    "LOCKED",
    `the ledger ${name} is locked: ${who} holds it; gave up after ${waited / 1000} s`,
    {
      reason: "LEDGER_LOCKED",
      hint: "End that session's transaction, or wait longer with --wait 5m",
      details: holder === undefined ? {} : { holder },
    },
  );
}

/** Positive, so that it reads the same as pg_locks' unsigned objid. */
function ledgerKey({ schema, table }: LedgerName): number {
  return createHash("sha256").update(`${schema}.${table}`).digest().readUInt32BE() & 0x7fffffff;
}

function stillLocked(holder: Session | undefined, waited: number): DsError {
  const who = holder === undefined ? "Another process" : describeSession(holder);
  return new NotRun(
    "LOCKED",
    `${who} holds the migration lock of this database; gave up after ${waited / 1000} s`,
    {
      reason: "MIGRATION_LOCKED",
      hint: "Wait for it to end, or wait longer with --wait 5m",
      details: holder === undefined ? {} : { holder },
    },
  );
}
