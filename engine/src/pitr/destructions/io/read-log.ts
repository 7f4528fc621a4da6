import type pg from "pg";
import { type EngineError, unprocessable } from "../../../lib/engine-error.ts";
import { formatLsn, parseLsn } from "../../../model/lsn.ts";
import { sqlState } from "../../../postgres/sqlstate.ts";
import type { LoggedTransaction, LogRow, RowChanges, RowFile } from "../log-summary.ts";
import { countChanged } from "../log-text.ts";

/** What is read at a time, in bytes of the log: Postgres keeps its description meanwhile. */
const partBytes = 8n * 1024n * 1024n;

/** How long a transaction is at most whose first record is looked for, in bytes of the log. */
const farthestBack = 64n * 1024n * 1024n;

/** Catalogues whose changes matter, as the log names their files: "<tablespace>/<database>/<number>". */
export interface CatalogFiles {
  columns: string[];
  schemas: string[];
}

/**
 * The log of a server, as its own pg_walinspect reads it. The functions are temporary ones of a transaction that is
 * rolled back: the branch's databases get no extension by it.
 *
 * @param client of a superuser
 * @throws EngineError 422 LOG_NOT_READABLE where the server has no pg_walinspect
 */
export async function withLogReader<T>(
  client: pg.Client,
  work: (reader: LogReader) => Promise<T>,
): Promise<T> {
  await client.query("begin");
  try {
    await client.query("set local timezone = 'UTC'; set local work_mem = '64MB'");
    await client.query(functions);
    return await work(new LogReader(client));
  } catch (error) {
    throw isWithoutLibrary(error) ? notReadable() : error;
  } finally {
    await client.query("rollback").catch(() => {});
  }
}

export class LogReader {
  readonly #client: pg.Client;

  constructor(client: pg.Client) {
    this.#client = client;
  }

  /** Hands on what the log has from one position to another, in parts and in its order. */
  async read(
    from: string,
    until: string,
    files: CatalogFiles,
    take: (rows: LogRow[]) => void,
  ): Promise<void> {
    const end = parseLsn(until) ?? 0n;
    let position = parseLsn(from) ?? 0n;
    for (let size = partBytes; position < end; ) {
      const to = position + size < end ? position + size : end;
      const { rows } = await this.#client.query<RawRow>(partSql, [
        formatLsn(position),
        formatLsn(to),
        files.columns,
        files.schemas,
      ]);
      const read = rows.find(({ kind }) => kind === "position")?.lsn ?? undefined;
      if (read === undefined) {
        // One record alone is longer, or nothing but padding is left.
        if (to === end) return;
        size *= 2n;
        continue;
      }
      take(rows.filter(({ kind }) => kind !== "position") as unknown as LogRow[]);
      position = parseLsn(read) ?? end;
      size = partBytes;
    }
  }

  /** The position of the last record before the first one of a transaction; not further back than `from`. */
  async beforeFirst(from: string, { xids, commitLsn }: LoggedTransaction): Promise<string> {
    const commit = parseLsn(commitLsn) ?? 0n;
    const begin = parseLsn(from) ?? 0n;
    const near = commit - farthestBack;
    const { rows } = await this.#client.query<{ lsn: string }>(
      `select prev_lsn::text as lsn from pg_temp.log_records($1, $2)
       where xid::text = any($3::text[]) order by start_lsn limit 1`,
      [formatLsn(near > begin ? near : begin), commitLsn, xids],
    );
    return rows[0]?.lsn ?? commitLsn;
  }

  /** How many rows that were there before it a transaction has deleted or updated in a file. */
  async rowsChanged(
    { beginLsn, commitLsn, xids }: LoggedTransaction,
    file: RowFile,
  ): Promise<Pick<RowChanges, "deleted" | "updated">> {
    const { rows } = await this.#client.query<{ type: string; text: string; blocks: string }>(
      changesSql,
      [beginLsn, commitLsn, xids, file],
    );
    return countChanged(rows);
  }
}

type RawRow = { kind: string; lsn: string | null };

const isWithoutLibrary = (error: unknown): boolean => {
  const { code } = error as { code?: string };
  return code === sqlState.undefinedFile || code === sqlState.undefinedFunction;
};

const notReadable = (): EngineError =>
  unprocessable(
    "LOG_NOT_READABLE",
    "this Postgres cannot read its own log: it has no pg_walinspect (PostgreSQL 16 or newer, with its contrib modules)",
  );

/** As pg_walinspect 1.1 declares them (PostgreSQL 16 to 18). */
const functions = `
  create function pg_temp.log_records(in from_lsn pg_lsn, in to_lsn pg_lsn, out start_lsn pg_lsn, out end_lsn pg_lsn,
    out prev_lsn pg_lsn, out xid xid, out resource_manager text, out record_type text, out record_length int4,
    out main_data_length int4, out fpi_length int4, out description text, out block_ref text)
    returns setof record language c strict as '$libdir/pg_walinspect', 'pg_get_wal_records_info';
  create function pg_temp.log_blocks(in from_lsn pg_lsn, in to_lsn pg_lsn, in show_data boolean,
    out start_lsn pg_lsn, out end_lsn pg_lsn, out prev_lsn pg_lsn, out block_id int2, out reltablespace oid,
    out reldatabase oid, out relfilenode oid, out relforknumber int2, out relblocknumber int8, out xid xid,
    out resource_manager text, out record_type text, out record_length int4, out main_data_length int4,
    out block_data_length int4, out block_fpi_length int4, out block_fpi_info text[], out description text,
    out block_data bytea, out block_fpi_data bytea)
    returns setof record language c strict as '$libdir/pg_walinspect', 'pg_get_wal_block_info'`;

/** "blkref #0: rel 1663/16386/24577 fork main blk 0": the words of a record of rows, each of one file. */
const pathSql = "split_part(block_ref, ' ', 4)";
const fileSql = "substring(path from '[0-9]+/[0-9]+$')";
const isOfRows = `resource_manager in ('Heap', 'Heap2')
  and left(record_type, 4) in ('INSE', 'MULT', 'UPDA', 'HOT_', 'DELE')`;

/** pg_type, pg_proc, pg_class, pg_attrdef, pg_constraint, pg_index, pg_rewrite, pg_trigger, pg_policy and pg_enum. */
const definitionCatalogues = [1247, 1255, 1259, 2604, 2606, 2610, 2618, 2620, 3256, 3501];

/** Files of catalogues have numbers below 16384, unless they were rewritten. */
const partSql = `
  with record as materialized (
    select *, case when resource_manager in ('Heap', 'Heap2') then ${pathSql} end as path from pg_temp.log_records($1, $2)),
  changed as (
    select xid::text as xid, path, left(record_type, 4) as type, min(start_lsn) as at,
      sum(case when record_type like 'MULTI%' then substring(description from 'ntuples: ([0-9]+)')::int else 1 end)::int as count
    from record where ${isOfRows} group by 1, 2, 3),
  found (kind, xid, at, lsn, prev, file, type, count, text, blocks, data, page) as (
    select 'rows', xid, at, at::text, null, ${fileSql},
      case type when 'DELE' then 'deleted' when 'INSE' then 'inserted' when 'MULT' then 'inserted' else 'updated' end,
      count, null, null, null::bytea, null::bytea
    from changed where split_part(path, '/', 3)::bigint >= 16384
    union all
    select 'definitions', xid, at, at::text, null, ${fileSql}, null,
      case type when 'DELE' then -count else count end, null, null, null, null
    from changed where type in ('DELE', 'INSE', 'MULT')
      and split_part(path, '/', 3) in (${definitionCatalogues.map((oid) => `'${oid}'`).join(", ")})
    union all
    select 'end', xid::text, start_lsn, start_lsn::text, prev_lsn::text, null, record_type, null, description, null, null, null
    from record where resource_manager = 'Transaction'
    union all
    select 'database', xid::text, start_lsn, start_lsn::text, null, null, record_type, null, description, null, null, null
    from record where resource_manager = 'Database' and record_type = 'DROP'
    union all
    select case when path = any($3::text[]) then 'column' else 'schema' end, record.xid::text, record.start_lsn,
      record.start_lsn::text, null, ${fileSql}, record.record_type, null, record.description, record.block_ref,
      block.block_data, block.block_fpi_data
    from record left join lateral pg_temp.log_blocks(record.start_lsn, record.end_lsn, true) block
      on path = any($3::text[]) and block.block_id = 0
    where path = any($4::text[]) or (path = any($3::text[]) and record.record_type like '%UPDATE%')
    union all
    select 'position', null, max(end_lsn), max(end_lsn)::text, null, null, null, null, null, null, null, null
    from record having max(end_lsn) is not null)
  select kind, xid, lsn, prev, file, type, count, text, blocks, data, page
  from found order by kind <> 'rows', at`;

const changesSql = `
  select record_type as type, description as text, block_ref as blocks from pg_temp.log_records($1, $2)
  where ${isOfRows} and ${pathSql} like '%/' || $4 and xid::text = any($3::text[]) order by start_lsn`;
