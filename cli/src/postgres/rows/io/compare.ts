import type { Client } from "pg";
import { isOwnObject } from "../../own-schema.ts";
import { isRowSecurity } from "../../row-security.ts";
import { sqlState } from "../../sqlstate.ts";
import { changesOf, differingBuckets, type RowChange, type SideRow } from "../differing.ts";
import { type PagePlan, rowsOnPages, type Way } from "../pages.ts";
import {
  type ComparedTable,
  type LeftOut,
  type NotCompared,
  pairTables,
  shownTable,
  type TableShape,
} from "../shape.ts";
import { bucketCount, bucketsSql, rowsSql, settings, type TableRow, tablesSql } from "../sql.ts";
import { type AskPages, isAsPlanned, type PagePlans, readPagePlans } from "./page-plans.ts";

export interface Side {
  base: Client;
  branch: Client;
}

export interface ComparedRows {
  table: ComparedTable;
  added: number;
  removed: number;
  changed: number;
  /** Its rows that differ, once more, as long as the comparison's connections are open; one table's at a time. */
  changes(): AsyncGenerator<RowChange>;
}

export interface Comparison {
  tables: ComparedRows[];
  leftOut: LeftOut[];
  way: Way;
}

interface Wish {
  /** Left out where nobody knows which pages have changed: all rows are read then. */
  changedPages?: AskPages | undefined;
  /** Only these, by their names with or without a schema; default: all. */
  isWanted(table: string): boolean;
  /** Is told each table before it is compared. */
  onTable?(table: ComparedTable): void | Promise<void>;
  /** Takes each row that differs. */
  onRow?(table: ComparedTable, change: RowChange): void;
  signal: AbortSignal;
}

/** Compares the rows of two databases, each as it is at one moment. Both clients are this comparison's own. */
export async function compareRows({ base, branch }: Side, wish: Wish): Promise<Comparison> {
  await Promise.all([base.query(settings), branch.query(settings)]);
  const [before, after] = await Promise.all([readTables(base), readTables(branch)]);
  const { compared, leftOut } = pairTables(before, after);
  const plans = await readPagePlans({ base, branch }, wish.changedPages);
  const tables: ComparedRows[] = [];
  const unread: LeftOut[] = [];
  for (const table of compared) {
    if (!wish.isWanted(shownTable(table))) continue;
    wish.signal.throwIfAborted();
    await wish.onTable?.(table);
    const found = await compareTable({ base, branch }, table, plans, wish);
    if (typeof found === "string") unread.push({ table: shownTable(table), why: found });
    else tables.push(found);
  }
  const notCompared = [...leftOut.filter(({ table }) => wish.isWanted(table)), ...unread];
  return { tables, leftOut: notCompared, way: plans.way };
}

async function readTables(client: Client): Promise<TableShape[]> {
  const { rows } = await client.query<TableRow>(tablesSql);
  return rows
    .filter(({ schema, name }) => !isOwnObject({ schema, name }))
    .map(({ schema, name, kind, unlogged, rows: estimatedRows, columns, key }) => ({
      schema,
      name,
      kind,
      unlogged,
      estimatedRows,
      columns: columns.map(({ name: column, type }) => ({ name: column, type })),
      key: key
        ? key.map((number) => columns.find((each) => each.number === number)?.name ?? "")
        : undefined,
    }));
}

async function compareTable(
  { base, branch }: Side,
  table: ComparedTable,
  plans: PagePlans,
  { onRow, signal }: Wish,
): Promise<ComparedRows | NotCompared> {
  let plan = plans.of(table);
  if (plan?.files.length === 0) {
    plans.note(table, plan);
    return { table, added: 0, removed: 0, changed: 0, changes: async function* () {} };
  }
  const read = () => differingOf({ base, branch }, table, plan);
  let found = await read();
  if (plan && (typeof found === "string" || !(await areAsPlanned({ base, branch }, plan)))) {
    const why = typeof found === "string" ? "NOT_READABLE" : "REWRITTEN";
    plan = undefined;
    plans.note(table, plan, why);
    found = await read();
  } else plans.note(table, plan);
  if (typeof found === "string") return found;
  const { buckets, wanted } = found;
  const counts = { added: 0, removed: 0, changed: 0 };
  const changes = async function* () {
    if (wanted.length === 0) return;
    const sql = rowsSql(table, buckets, wanted, plan);
    const sides = [base, branch].map((side) => readRows(side, sql)) as [Rows, Rows];
    for await (const change of changesOf(...sides)) {
      signal.throwIfAborted();
      yield change;
    }
  };
  for await (const change of changes()) {
    counts[change.is] += 1;
    onRow?.(table, change);
  }
  return { table, ...counts, changes };
}

async function areAsPlanned({ base, branch }: Side, plan: PagePlan): Promise<boolean> {
  const both = await Promise.all([isAsPlanned(base, plan), isAsPlanned(branch, plan)]);
  return both.every(Boolean);
}

/** How many buckets there are, and those that differ; what is known of the others is not held any longer. */
async function differingOf(
  { base, branch }: Side,
  table: ComparedTable,
  plan: PagePlan | undefined,
): Promise<{ buckets: number; wanted: number[] } | NotCompared> {
  const buckets = bucketCount(plan ? rowsOnPages(table, plan) : table.estimatedRows);
  const of = (side: Client) => bucketsOf(side, bucketsSql(table, buckets, plan));
  const [before, after] = await Promise.all([of(base), of(branch)]);
  if (typeof before === "string") return before;
  if (typeof after === "string") return after;
  return { buckets, wanted: differingBuckets(before, after) };
}

/** How many rows a bucket has, and the sum of their hashes. */
type Buckets = Map<number, string>;
type Rows = AsyncGenerator<SideRow[]>;

async function bucketsOf(client: Client, sql: string): Promise<Buckets | NotCompared> {
  await client.query("savepoint compared");
  try {
    const buckets: Buckets = new Map();
    for await (const rows of fetched(client, sql, mostFetched)) {
      for (const [bucket, count, hash] of rows) buckets.set(Number(bucket), `${count} ${hash}`);
    }
    return buckets;
  } catch (error) {
    const failure = error as Error & { code?: string; routine?: string };
    if (failure.code !== sqlState.insufficientPrivilege) throw error;
    await client.query("rollback to savepoint compared");
    return isRowSecurity(failure) ? "ROW_SECURITY" : "PERMISSION_DENIED";
  }
}

async function* readRows(client: Client, sql: string): Rows {
  for await (const rows of fetched(client, sql, 20)) {
    yield rows.map(([bucket, key, ...values]) => ({
      bucket: Number(bucket),
      key: key ?? "",
      values,
    }));
  }
}

/** What one fetch brings, about: values may be of any size, so how many rows it asks for follows them. */
const fetchedBytes = 512 * 1024;
const mostFetched = 2000;
/** Of a value, beside its text. */
const valueBytes = 40;

/** The rows of a query, some at a time, as the server writes them; the first time `size` of them. */
async function* fetched(
  client: Client,
  sql: string,
  size: number,
): AsyncGenerator<(string | null)[][]> {
  await client.query(`declare compared no scroll cursor for ${sql}`);
  for (let count = size; ; ) {
    const { rows } = await client.query<(string | null)[]>({
      text: `fetch forward ${count} from compared`,
      rowMode: "array",
      types: { getTypeParser: () => (text: string) => text },
    });
    if (rows.length === 0) break;
    let bytes = 0;
    for (const row of rows) {
      for (const value of row) bytes += valueBytes + (value?.length ?? 0);
    }
    const perRow = bytes / rows.length;
    yield rows;
    count = Math.max(1, Math.min(mostFetched, count * 4, Math.floor(fetchedBytes / perRow)));
  }
  await client.query("close compared");
}
