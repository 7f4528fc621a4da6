import type { Client } from "pg";
import { formatBytes } from "../../../lib/format/bytes.ts";
import { compareRows } from "../../../postgres/rows/io/compare.ts";
import { shownTable } from "../../../postgres/rows/shape.ts";
import { type ChangedRows, type StatementReport, writtenTables } from "../effects.ts";

/** All rows of both sides are read, so what is larger is compared only where somebody asks for it. */
const mostBytes = 1024 ** 3;

interface Written {
  schema: string;
  name: string;
  bytes: number;
}

/** Rows of partitions are their root's. */
const writtenSql = `
  select distinct on (r.oid) rn.nspname as schema, r.relname as name, (
      select sum(pg_total_relation_size(t.relid))::float8 from pg_partition_tree(r.oid) t
      union all
      select pg_total_relation_size(r.oid)::float8 where r.relkind = 'r'
      order by 1 desc nulls last limit 1
    ) as bytes
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  join pg_class r on r.oid = coalesce(pg_partition_root(c.oid)::oid, c.oid)
  join pg_namespace rn on rn.oid = r.relnamespace
  where case n.nspname when 'public' then c.relname else n.nspname || '.' || c.relname end = any($1)`;

/** How the rows that migrations have written to differ between the copy and what it is a copy of. */
export async function changedRows(
  sides: { base: Client; copy: Client },
  statements: readonly StatementReport[],
  isLeftOut: (table: string) => boolean,
  signal: AbortSignal,
): Promise<ChangedRows> {
  const { rows } = await sides.copy.query<Written>(writtenSql, [writtenTables(statements)]);
  const written = rows.filter((table) => !isLeftOut(shownTable(table)));
  const bytes = written.reduce((sum, table) => sum + table.bytes, 0);
  if (bytes > mostBytes) {
    const names = written.map(shownTable);
    return { tables: [], notCompared: names, why: `they have ${formatBytes(bytes)}` };
  }
  const wanted = new Set(written.map(shownTable));
  const { tables, leftOut } = await compareRows(
    { base: sides.base, branch: sides.copy },
    { isWanted: (table) => wanted.has(table), signal },
  );
  return {
    tables: tables.map(({ table, added, removed, changed }) => ({
      table: shownTable(table),
      added,
      removed,
      changed,
    })),
    notCompared: leftOut.map(({ table }) => table),
  };
}
