import { ago } from "../../lib/format/ago.ts";
import { plural } from "../../lib/format/plural.ts";
import type { Style } from "../../lib/terminal/style.ts";
import { table as aligned } from "../../lib/terminal/table.ts";
import { changedColumns, type RowChange, type Value } from "./differing.ts";
import type { ReadWhole, Way } from "./pages.ts";
import { type ComparedTable, type LeftOut, type NotCompared, shownTable } from "./shape.ts";

interface TableCounts {
  table: ComparedTable;
  added: number;
  removed: number;
  changed: number;
}

/** How values are shown. */
interface Shown {
  /** Also long ones, and those of columns that sound secret. */
  full: boolean;
}

/** One row that differs, for programs: of a changed one only what changed. */
export interface RowDocument {
  table: string;
  change: RowChange["is"];
  /** Null where the table has no key. */
  key: Record<string, Value> | null;
  before: Record<string, Value> | null;
  after: Record<string, Value> | null;
}

const longest = 60;
const secret = /passw|secret|token|api_?key|private_?key|credential|salt$/i;

/** A value as it is shown to people and programs, unless all of it was asked for. */
function shownValue(column: string, value: Value, { full }: Shown): Value {
  if (value === null || full) return value;
  if (secret.test(column)) return `(${plural(value.length, "character")}, not shown)`;
  if (value.length <= longest) return value;
  return `${value.slice(0, longest - 20)}… (${plural(value.length, "character")})`;
}

export function rowDocument(table: ComparedTable, change: RowChange, shown: Shown): RowDocument {
  const of = (values: readonly Value[]) =>
    Object.fromEntries(
      table.columns.map(({ name }, index) => [
        name,
        shownValue(name, values[index] ?? null, shown),
      ]),
    );
  const known = change.is === "removed" ? change.before : change.after;
  const key = table.key ? keyOf(table, table.key, known) : null;
  const document = { table: shownTable(table), change: change.is, key };
  switch (change.is) {
    case "added":
      return { ...document, before: null, after: of(change.after) };
    case "removed":
      return { ...document, before: of(change.before), after: null };
    case "changed": {
      const columns = changedColumns(table, change);
      const side = (which: "before" | "after") =>
        Object.fromEntries(
          columns.map((column) => [column.name, shownValue(column.name, column[which], shown)]),
        );
      return { ...document, before: side("before"), after: side("after") };
    }
  }
}

function keyOf(
  { columns }: ComparedTable,
  key: readonly string[],
  values: readonly Value[],
): Record<string, Value> {
  const at = (name: string) => values[columns.findIndex((column) => column.name === name)] ?? null;
  return Object.fromEntries(key.map((name) => [name, at(name)]));
}

/** `items  +3  -1  ~12`: a line for each table with a difference. */
export function countLines(tables: readonly TableCounts[], style: Style): string[] {
  const rows = tables
    .filter(({ added, removed, changed }) => added + removed + changed > 0)
    .map(({ table, added, removed, changed }) => [
      shownTable(table),
      added > 0 ? style.green(`+${added}`) : "",
      removed > 0 ? style.red(`-${removed}`) : "",
      changed > 0 ? style.yellow(`~${changed}`) : "",
    ]);
  return aligned(rows);
}

/** Columns that only one side has: rows are compared by the others. */
export const columnLines = (tables: readonly TableCounts[]): string[] =>
  tables.flatMap(({ table }) => {
    const { addedColumns, droppedColumns } = table;
    const parts = [
      ...(addedColumns.length > 0 ? [`only here: ${addedColumns.join(", ")}`] : []),
      ...(droppedColumns.length > 0 ? [`no longer here: ${droppedColumns.join(", ")}`] : []),
    ];
    return parts.length === 0 ? [] : [`${shownTable(table)}: columns ${parts.join("; ")}`];
  });

const wholeBecause: Record<ReadWhole, string> = {
  OPEN_TRANSACTION: "a transaction that was open at the fork had written to it",
  REWRITTEN: "its file is another one",
  OTHER_DEFINITION: "its columns, types or partitions are others",
  NOT_LOGGED: "its changes are not in the log",
  NAMES_OF_OBJECTS: "its values name other objects",
  NOT_READABLE: "the role may not read all of it",
};

const hashesBecause: Record<(Way & { by: "hashes" })["why"], string> = {
  NOT_OFFERED: "the API does not tell which pages have changed",
  NO_COMMON_HISTORY: "no common past of the two is known",
  OPEN_TRANSACTIONS: "what was being written at the fork is not known",
  LOG_NOT_SUMMARIZED: "the log since the fork is not all summarized",
  OTHER_DATABASE: "the two have different databases",
};

/** `since they were the same 3h ago (by changed pages: 212 of 61,440)`, and which tables were read whole. */
export function wayText(way: Way, now: number): string {
  if (way.by === "hashes") return `by hashes of all rows: ${hashesBecause[way.why]}`;
  const { forkedAt, pagesRead, pages, whole } = way;
  const count = (number: number) => number.toLocaleString("en");
  const all = whole.map(({ table, why }) => `; all of ${table}: ${wholeBecause[why]}`).join("");
  return (
    `since they were the same ${ago(forkedAt, now)} ` +
    `(by changed pages: ${count(pagesRead)} of ${count(pages)}${all})`
  );
}

const reasons: Record<NotCompared, string> = {
  FOREIGN_TABLE: "its rows are another server's",
  UNLOGGED_TABLE: "it is unlogged, so that copies may be without its rows",
  ONLY_IN_BRANCH: "a new table",
  ONLY_IN_BASE: "a table that is no longer here",
  NO_COMMON_COLUMNS: "the two have no column in common",
  ROW_SECURITY: "row security would hide rows of it",
  PERMISSION_DENIED: "the role may not read it",
};

export const leftOutLines = (leftOut: readonly LeftOut[]): string[] =>
  leftOut.map(({ table, why }) => `${table}: not compared, ${reasons[why]}`);

/** `~ id=4711  priority: 2 -> 1` */
function rowLine(row: RowDocument, table: ComparedTable, style: Style): string {
  const { key, change, before, after } = row;
  const typeOf = (name: string) => table.columns.find((column) => column.name === name)?.type ?? "";
  const pair = ([name, value]: [string, Value]) => `${name}=${literal(value, typeOf(name))}`;
  const id = key ? Object.entries(key).map(pair).join(" ") : "";
  if (change === "changed") {
    const changes = Object.keys(after ?? {}).map((name) => {
      const [old, now] = [before?.[name] ?? null, after?.[name] ?? null];
      return `${name}: ${literal(old, typeOf(name))} -> ${literal(now, typeOf(name))}`;
    });
    return `${style.yellow(`~ ${id}`)}  ${changes.join(", ")}`;
  }
  const rest = Object.entries((change === "added" ? after : before) ?? {})
    .filter(([name]) => !(key && name in key))
    .map(pair)
    .join(", ");
  const sign = change === "added" ? style.green(`+ ${id}`) : style.red(`- ${id}`);
  return `${sign}  ${rest}`.trimEnd();
}

/** The rows below the names of their tables. */
export const rowLines = (
  rows: readonly { table: ComparedTable; row: RowDocument }[],
  style: Style,
): string[] =>
  rows.flatMap(({ table, row }, index) => {
    const isFirst = rows[index - 1]?.table !== table;
    return [...(isFirst ? ["", style.bold(shownTable(table))] : []), rowLine(row, table, style)];
  });

const bare =
  /^(smallint|integer|bigint|numeric|real|double precision|boolean|date|time|uuid|oid|inet|cidr)/;

function literal(value: Value, type: string): string {
  if (value === null) return "NULL";
  return bare.test(type) ? value : JSON.stringify(value);
}
