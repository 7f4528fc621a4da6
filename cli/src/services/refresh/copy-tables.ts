import type { Client } from "pg";
import {
  type CopyTask,
  copyTasks,
  isCopied,
  readSql,
  receiveSql,
  sendSql,
} from "../../core/refresh/copy-sql.ts";
import type { RefreshPlan, TablePlan } from "../../core/refresh/plan.ts";
import { shownName } from "../../core/refresh/sql-names.ts";
import { relayCopy } from "./copy-relay.ts";
import { copyFailure } from "./failures.ts";
import { inParallel } from "./in-parallel.ts";

/** Two sessions: one reads the source's snapshot, one writes to the scratch branch. */
export interface Pair {
  source: Client;
  target: Client;
}

/** How far the rows are; called often. */
export interface Moved {
  table: string;
  rows: number;
  bytes: number;
}

/** Rows of each table, as the source counted them and the target took them. */
export type RowCounts = Map<TablePlan, number>;

/** Copies every table that is not only reached through others, with as many streams as there are pairs. */
export async function copyTables(
  plan: RefreshPlan,
  pairs: readonly Pair[],
  onMoved: (moved: Moved) => void,
): Promise<RowCounts> {
  const [first] = pairs;
  if (first === undefined) throw new Error("no sessions to copy with");
  const tasks = copyTasks(plan.tables, await ownPages(first.source, plan.tables.filter(isCopied)));
  const counts: RowCounts = new Map();
  await inParallel(pairs, tasks, async ({ source, target }, task) => {
    const rows = await copyOne(source, target, task, onMoved);
    counts.set(task.plan, (counts.get(task.plan) ?? 0) + rows);
  });
  return counts;
}

async function copyOne(
  source: Client,
  target: Client,
  task: CopyTask,
  onMoved: (moved: Moved) => void,
): Promise<number> {
  const { plan } = task;
  const table = shownName(plan.table);
  try {
    return await relayCopy(
      source,
      sendSql(readSql(task), plan),
      target,
      receiveSql(plan),
      (bytes, rows) => onMoved({ table, rows, bytes }),
    );
  } catch (error) {
    throw copyFailure(error, table);
  }
}

/** Bytes of the ordinary tables: only in these a row's place says which part it belongs to. */
async function ownPages(source: Client, plans: readonly TablePlan[]) {
  const { rows } = await source.query<{ schema: string; name: string; bytes: number }>(
    `select n.nspname as schema, c.relname as name, pg_catalog.pg_relation_size(c.oid)::float8 as bytes
     from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     join unnest($1::text[], $2::text[]) as t(schema, name) on t.schema = n.nspname and t.name = c.relname
     where c.relkind = 'r'
       and not exists (select from pg_catalog.pg_inherits i where i.inhparent = c.oid)`,
    [plans.map(({ table }) => table.schema), plans.map(({ table }) => table.name)],
  );
  const sizes = new Map(rows.map(({ schema, name, bytes }) => [`${schema}.${name}`, bytes]));
  return ({ table }: TablePlan) => sizes.get(`${table.schema}.${table.name}`);
}
