import type { Client } from "pg";
import { isOwnObject } from "../../own-schema.ts";
import { isRowSecurity } from "../../row-security.ts";
import { sqlState } from "../../sqlstate.ts";
import { changesOf, differingBuckets, type RowChange, type SideRow } from "../differing.ts";
import {
  type ComparedTable,
  type LeftOut,
  type NotCompared,
  pairTables,
  shownTable,
  type TableShape,
} from "../shape.ts";
import { bucketCount, bucketsSql, rowsSql, settings, type TableRow, tablesSql } from "../sql.ts";

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
}

interface Wish {
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
  const tables: ComparedRows[] = [];
  const unread: LeftOut[] = [];
  for (const table of compared) {
    if (!wish.isWanted(shownTable(table))) continue;
    wish.signal.throwIfAborted();
    await wish.onTable?.(table);
    const found = await compareTable({ base, branch }, table, wish);
    if (typeof found === "string") unread.push({ table: shownTable(table), why: found });
    else tables.push(found);
  }
  return { tables, leftOut: [...leftOut.filter(({ table }) => wish.isWanted(table)), ...unread] };
}

async function readTables(client: Client): Promise<TableShape[]> {
  const { rows } = await client.query<TableRow>(tablesSql);
  return rows
    .filter(({ schema, name }) => !isOwnObject({ schema, name }))
    .map(({ schema, name, kind, rows: estimatedRows, columns, key }) => ({
      schema,
      name,
      kind,
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
  { onRow, signal }: Wish,
): Promise<ComparedRows | NotCompared> {
  const buckets = bucketCount(table.estimatedRows);
  const both = await Promise.all([base, branch].map((side) => bucketsOf(side, table, buckets)));
  const [before, after] = both;
  if (typeof before === "string") return before;
  if (typeof after === "string") return after;
  const counts = { added: 0, removed: 0, changed: 0 };
  const wanted = differingBuckets(before ?? new Map(), after ?? new Map());
  const changes = async function* () {
    if (wanted.length === 0) return;
    const sql = rowsSql(table, buckets, wanted);
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

type Buckets = Map<number, { rows: string; hash: string }>;
type Rows = AsyncGenerator<SideRow>;

async function bucketsOf(
  client: Client,
  table: ComparedTable,
  buckets: number,
): Promise<Buckets | NotCompared> {
  await client.query("savepoint compared");
  try {
    const { rows } = await client.query<{ bucket: number; rows: string; hash: string }>(
      bucketsSql(table, buckets),
    );
    return new Map(rows.map(({ bucket, rows, hash }) => [bucket, { rows, hash }]));
  } catch (error) {
    const failure = error as Error & { code?: string; routine?: string };
    if (failure.code !== sqlState.insufficientPrivilege) throw error;
    await client.query("rollback to savepoint compared");
    return isRowSecurity(failure) ? "ROW_SECURITY" : "PERMISSION_DENIED";
  }
}

/** What one fetch brings, about: values may be of any size, so how many rows it asks for follows them. */
const fetchedBytes = 1024 * 1024;
const mostFetched = 5000;

async function* readRows(client: Client, sql: string): Rows {
  await client.query(`declare compared no scroll cursor for ${sql}`);
  let size = 20;
  for (;;) {
    const { rows } = await client.query<(string | null)[]>({
      text: `fetch forward ${size} from compared`,
      rowMode: "array",
      types: { getTypeParser: () => (text: string) => text },
    });
    if (rows.length === 0) break;
    let bytes = 0;
    for (const [bucket, key, ...values] of rows) {
      for (const value of values) bytes += value?.length ?? 0;
      yield { bucket: Number(bucket), key: key ?? "", values };
    }
    const perRow = Math.max(1, bytes / rows.length);
    size = Math.max(1, Math.min(mostFetched, size * 4, Math.floor(fetchedBytes / perRow)));
  }
  await client.query("close compared");
}
