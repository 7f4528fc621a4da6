import type { Loss, RowCount, TableName } from "./destruction.ts";
import type { LoggedTransaction, RowFile } from "./log-summary.ts";

/** A table as it was: `file` has its rows, of a partitioned one nobody. */
export interface TableBefore extends TableName {
  /** "<database>/<oid>" */
  id: string;
  file: RowFile | null;
}

/** What databases held just before a transaction, as far as it may have touched it. */
export interface CatalogBefore {
  /** Names by oid. */
  databases: ReadonlyMap<string, string>;
  tables: readonly TableBefore[];
  /** Of those that the transactions did away with, the ones that were there; "<database>/<oid>". */
  relations: ReadonlySet<string>;
  /** By database and place of their row: "<database> (block,line)". */
  schemas: ReadonlyMap<string, string>;
  columns: ReadonlyMap<string, { table: string; column: string }>;
  /** By table. */
  counts: ReadonlyMap<string, RowCount>;
}

/** Fewer are changed all the time, and nobody means the table by it. */
const fewestRows = 2;

/**
 * What a transaction took away of what was there before.
 *
 * @param rewritten tables that have all their rows in another file, as after VACUUM FULL: none of them was truncated
 */
export function lossesOf(
  transaction: LoggedTransaction,
  before: CatalogBefore,
  rewritten: ReadonlySet<string>,
): Loss[] {
  const dropped = new Set(transaction.relations);
  const losses: Loss[] = [];
  for (const oid of transaction.databases) {
    const database = before.databases.get(oid);
    if (database !== undefined) losses.push({ kind: "database-dropped", database });
  }
  for (const { database: oid, place } of transaction.schemas) {
    const schema = before.schemas.get(`${oid} ${place}`);
    const database = before.databases.get(oid) ?? oid;
    if (schema !== undefined) losses.push({ kind: "schema-dropped", database, schema });
  }
  for (const table of before.tables) {
    const kind = kindOfLoss(transaction, table, dropped.has(table.id), before);
    if (kind === undefined || (kind === "table-truncated" && rewritten.has(table.id))) continue;
    losses.push({ kind, ...nameOf(table), ...countOf(before, table) });
  }
  for (const { database, place } of transaction.columns) {
    const found = before.columns.get(`${database} ${place}`);
    const table = found && before.tables.find(({ id }) => id === found.table);
    if (!found || !table || dropped.has(table.id)) continue;
    const { column } = found;
    losses.push({ kind: "column-dropped", ...nameOf(table), column, ...countOf(before, table) });
  }
  if (losses.length > 0) return losses;
  return transaction.definitions.flatMap((oid) => {
    const database = before.databases.get(oid);
    return database === undefined ? [] : [{ kind: "definitions-dropped" as const, database }];
  });
}

const isDestruction = ({ losses }: { losses: readonly Loss[] }): boolean =>
  losses.some(({ kind }) => kind !== "definitions-dropped");

/** Of a series what ends with a destruction; empty where there is none. What took nothing away is left out. */
export function destructivePart<T extends { losses: readonly Loss[] }>(series: readonly T[]): T[] {
  const end = series.findLastIndex(isDestruction) + 1;
  return series.slice(0, end).filter(({ losses }) => losses.length > 0);
}

function kindOfLoss(
  { files, rows }: LoggedTransaction,
  table: TableBefore,
  isDropped: boolean,
  before: CatalogBefore,
): "table-dropped" | "table-truncated" | "all-rows-deleted" | "all-rows-updated" | undefined {
  if (isDropped) return "table-dropped";
  if (table.file === null) return undefined;
  const count = before.counts.get(table.id);
  if (files.includes(table.file)) return count?.rows === 0 ? undefined : "table-truncated";
  const changes = rows.get(table.file);
  const there = count?.rows ?? 0;
  if (!changes || count?.atLeast || there < fewestRows) return undefined;
  if (changes.deleted >= there) return "all-rows-deleted";
  return changes.updated >= there ? "all-rows-updated" : undefined;
}

/** Tables whose rows are in another file since the transaction, while it did away with relations that it had made itself. */
export function perhapsRewritten(
  { files, relations }: LoggedTransaction,
  before: CatalogBefore,
): { tables: TableBefore[]; made: string[] } {
  const made = relations.filter((id) => !before.relations.has(id));
  const tables = before.tables.filter(
    ({ id, file }) => file !== null && files.includes(file) && !relations.includes(id),
  );
  return made.length === 0 ? { tables: [], made } : { tables, made };
}

const nameOf = ({ database, schema, table }: TableBefore): TableName => ({
  database,
  schema,
  table,
});

const countOf = ({ counts }: CatalogBefore, { id }: TableBefore): RowCount =>
  counts.get(id) ?? { rows: null };

/** How many rows a file had once, as far as it was counted. */
interface Counted extends RowCount {
  /** How many more were inserted than deleted up to then. */
  grown: number;
}

/**
 * Whether a transaction changed every row of a file, by the number that the file had at another time; false where nobody
 * knows that.
 */
export function changesAllRows(
  { rows }: LoggedTransaction,
  counted: ReadonlyMap<RowFile, Counted>,
): boolean {
  return [...rows].some(([file, { deleted, updated, grownBefore }]) => {
    const known = counted.get(file);
    if (known === undefined || known.rows === null || known.atLeast) return false;
    const there = known.rows - (known.grown - grownBefore);
    return Math.max(deleted, updated) >= Math.max(fewestRows, there);
  });
}

/** Transactions of one command, or of one person's in a hurry, follow each other within this. */
const gapMs = 10_000;

/** Where the series begins that ends with this transaction: an index that is not greater. */
export function beginOfSeries(
  transactions: readonly LoggedTransaction[],
  last: number,
  isSuspect: (transaction: LoggedTransaction) => boolean,
): number {
  let first = last;
  let next = Date.parse(transactions[last]?.at ?? "");
  for (let index = last - 1; index >= 0; index--) {
    const transaction = transactions[index] as LoggedTransaction;
    const at = Date.parse(transaction.at);
    if (next - at > gapMs) break;
    if (!isSuspect(transaction)) continue;
    first = index;
    next = at;
  }
  return first;
}
