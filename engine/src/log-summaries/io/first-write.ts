import type pg from "pg";
import { formatLsn, parseLsn } from "../../model/lsn.ts";

/** So much of a log is looked through at a time. */
const stepBytes = 16n * 1024n * 1024n;

/** pg_walinspect's own, for this session alone: nothing of it stays in the database. */
const recordsFunction = `
  create or replace function pg_temp.ds_log_records(in from_lsn pg_lsn, in to_lsn pg_lsn,
    out start_lsn pg_lsn, out end_lsn pg_lsn, out prev_lsn pg_lsn, out xid xid, out resource_manager text,
    out record_type text, out record_length int4, out main_data_length int4, out fpi_length int4,
    out description text, out block_ref text)
  returns setof record as '$libdir/pg_walinspect', 'pg_get_wal_records_info' language c strict`;

/**
 * Where the first of these transactions, by their numbers, has begun to write.
 *
 * @returns undefined when it cannot be told: the server has no pg_walinspect, or no longer all of its log
 */
export async function firstWriteOf(
  client: pg.Client,
  transactions: readonly string[],
  between: { from: string; to: string },
): Promise<string | undefined> {
  const [from, to] = [parseLsn(between.from) ?? 0n, parseLsn(between.to) ?? 0n];
  try {
    await client.query(recordsFunction);
    for (let at = from; at < to; at += stepBytes) {
      const end = at + stepBytes < to ? at + stepBytes : to;
      const { rows } = await client.query<{ first: string | null }>(
        "select min(start_lsn)::text as first from pg_temp.ds_log_records($1, $2) where xid::text = any ($3)",
        [formatLsn(at), formatLsn(end), transactions.map(shortNumber)],
      );
      if (rows[0]?.first) return rows[0].first;
    }
    return between.to;
  } catch {
    return undefined;
  }
}

/** Records of a log have transactions' numbers without their epoch. */
const shortNumber = (transaction: string): string => String(BigInt(transaction) & 0xffffffffn);
