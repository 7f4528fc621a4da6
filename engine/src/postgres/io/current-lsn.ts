import type pg from "pg";

/** Where the server's log is now. */
export async function currentLsn(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ lsn: string }>("select pg_current_wal_insert_lsn() as lsn");
  return (rows[0] as { lsn: string }).lsn;
}
