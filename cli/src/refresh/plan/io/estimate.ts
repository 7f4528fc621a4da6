import { statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Client } from "pg";
import { shownName } from "../../model/names.ts";
import type { RefreshPlan, TablePlan } from "../../model/plan.ts";
import { type Expected, isCopied, readSql } from "../copy-sql.ts";

export interface Estimate {
  rows: number;
  bytes: number;
  tables: Map<TablePlan, Expected>;
}

/** What the source's planner expects of the rows that are copied before others are fetched. */
export async function estimate(source: Client, plan: RefreshPlan): Promise<Estimate> {
  const copied = plan.tables.filter(isCopied);
  const pages = await ownPages(source, copied);
  const found: Estimate = { rows: 0, bytes: 0, tables: new Map() };
  for (const table of copied) {
    const select = readSql({ plan: table, pages: undefined, bytes: 0 });
    const answer = await source.query(`explain (format json) ${select}`);
    const planned = answer.rows[0]?.["QUERY PLAN"]?.[0]?.Plan ?? {};
    const rows = Number(planned["Plan Rows"] ?? 0);
    const bytes = rows * (Number(planned["Plan Width"] ?? 0) + rowOverhead);
    found.rows += rows;
    found.bytes += bytes;
    found.tables.set(table, { bytes, pages: pages.get(shownName(table.table)) });
  }
  return found;
}

/** Pages of the ordinary tables: only in these a row's place says which part it belongs to. */
async function ownPages(source: Client, plans: readonly TablePlan[]): Promise<Map<string, number>> {
  const { rows } = await source.query<{ schema: string; name: string; pages: number }>(
    `select n.nspname as schema, c.relname as name,
       (pg_catalog.pg_relation_size(c.oid) / current_setting('block_size')::int)::float8 as pages
     from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     join unnest($1::text[], $2::text[]) as t(schema, name) on t.schema = n.nspname and t.name = c.relname
     where c.relkind = 'r'`,
    [plans.map(({ table }) => table.schema), plans.map(({ table }) => table.name)],
  );
  return new Map(rows.map((row) => [shownName(row), row.pages]));
}

/** A row's header, and its place in the page. */
const rowOverhead = 28;

/** Free space where the local engine keeps its branches. */
export async function freeBytes(home: string): Promise<number | undefined> {
  for (const folder of [join(home, "data"), home]) {
    const stats = await statfs(folder).catch(() => undefined);
    if (stats) return stats.bavail * stats.bsize;
  }
  return undefined;
}
