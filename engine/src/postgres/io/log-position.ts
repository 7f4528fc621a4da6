import type pg from "pg";
import type { ForkPosition } from "../../model/descent.ts";

/** Where the server's log is now. */
export async function currentLsn(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ lsn: string }>("select pg_current_wal_insert_lsn() as lsn");
  return (rows[0] as { lsn: string }).lsn;
}

/** So many tables that are being written to are noted one by one. */
const mostTables = 1000;

/** Tables of all databases that a transaction may have written to, also one that is prepared. */
const openSql = `
  select coalesce(json_agg(distinct jsonb_build_object('database', database::int8, 'table', relation::int8)), '[]') as open
  from pg_locks
  where locktype = 'relation' and granted and database <> 0 and relation >= 16384
    and mode in ('RowExclusiveLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')`;

const unflushedSql =
  "select pg_current_wal_insert_lsn() <> pg_current_wal_flush_lsn() as unflushed";

/**
 * Where a copy that is made right after this leaves the server. The position comes first: what is written since is known
 * by the log. Everything that was committed before this returns is in the copy, too: with `synchronous_commit` off it
 * might not be on disk yet.
 */
export async function readForkPosition(client: pg.Client): Promise<ForkPosition> {
  const one = async <T extends pg.QueryResultRow>(sql: string) =>
    (await client.query<T>(sql)).rows[0] as T;
  const { lsn } = await one<{ lsn: string }>("select pg_current_wal_flush_lsn() as lsn");
  const { open } = await one<{ open: { database: number; table: number }[] }>(openSql);
  const { unflushed } = await one<{ unflushed: boolean }>(unflushedSql);
  if (unflushed) await client.query("select pg_logical_emit_message(true, 'ds', 'fork')");
  return { lsn, open: open.length > mostTables ? "unknown" : open };
}
