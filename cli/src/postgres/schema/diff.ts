import { columnChanges, columnText } from "./columns.ts";
import { type SchemaObject, schemaObjects } from "./objects.ts";

export interface SchemaChange {
  change: "added" | "removed" | "changed";
  /** In people's words: "table", "column", "index", "function". */
  type: string;
  name: string;
  /** The table that it belongs to, or null. */
  table: string | null;
  /** What it is, or what is different about it; each a phrase or a line of SQL after + or -. */
  details: string[];
}

export interface DiffOptions {
  /** False: columns stand in the order in which they were added, and nothing that names its columns depends on it. */
  columnOrder: boolean;
}

/** What `after` has and `before` has not, and the other way round; both texts of `pg_dump --schema-only`. */
export function schemaChanges(
  before: string,
  after: string,
  options: DiffOptions = { columnOrder: true },
): SchemaChange[] {
  const [old, now] = [schemaObjects(before), schemaObjects(after)];
  const changes: SchemaChange[] = [];
  for (const [key, object] of old) {
    if (!now.has(key)) changes.push(whole("removed", object));
  }
  for (const [key, object] of now) {
    const was = old.get(key);
    if (was === undefined) changes.push(whole("added", object));
    else changes.push(...between(was, object, options));
  }
  return changes.sort(byTable);
}

function whole(change: "added" | "removed", object: SchemaObject): SchemaChange {
  const { type, name, table, columns, sql } = object;
  const details = columns
    ? [columns.map((column) => `${column.name} ${columnText(column)}`).join(", ")]
    : [essence(sql)];
  return { change, type, name, table: table ?? null, details };
}

function between(
  before: SchemaObject,
  after: SchemaObject,
  { columnOrder }: DiffOptions,
): SchemaChange[] {
  const { type, name, table } = after;
  const details = linesBetween(before.sql, after.sql);
  if (before.owner !== after.owner) details.push(`owner ${before.owner} → ${after.owner}`);
  const columns = columnsBetween(before, after);
  if (columnOrder && before.columns && after.columns && columns.length === 0) {
    const order = ({ columns: own = [] }: SchemaObject) =>
      own.map((column) => column.name).join(", ");
    if (order(before) !== order(after)) details.push(`order of columns ${order(after)}`);
  }
  if (details.length === 0) return columns;
  return [{ change: "changed", type, name, table: table ?? null, details }, ...columns];
}

function columnsBetween(before: SchemaObject, after: SchemaObject): SchemaChange[] {
  const old = new Map(before.columns?.map((column) => [column.name, column]));
  const now = new Map(after.columns?.map((column) => [column.name, column]));
  const changes: SchemaChange[] = [];
  const add = (change: SchemaChange["change"], name: string, details: string[]) =>
    changes.push({ change, type: "column", name, table: after.name, details });
  for (const column of old.values()) {
    if (!now.has(column.name)) add("removed", column.name, [columnText(column)]);
  }
  for (const column of now.values()) {
    const was = old.get(column.name);
    if (was === undefined) add("added", column.name, [columnText(column)]);
    else {
      const details = columnChanges(was, column);
      if (details.length > 0) add("changed", column.name, details);
    }
  }
  return changes;
}

/** Lines of SQL that only one side has, after + or -; commas at their ends count for nothing. */
function linesBetween(before: string, after: string): string[] {
  if (before === after) return [];
  const [old, now] = [definition(before), definition(after)];
  const only = (lines: string[], others: string[]) => {
    const left = [...others];
    return lines.filter((line) => {
      const at = left.indexOf(line);
      if (at >= 0) left.splice(at, 1);
      return at < 0;
    });
  };
  const lines = [
    ...only(old, now).map((line) => `- ${line}`),
    ...only(now, old).map((line) => `+ ${line}`),
  ];
  return lines.length > 0 ? lines : ["order or spacing of its definition"];
}

const definition = (sql: string) =>
  essence(sql)
    .split("\n")
    .map((line) => line.trim().replace(/,$/, ""))
    .filter((line) => line !== "");

/** A definition without what only repeats the object's type, name and table. */
function essence(sql: string): string {
  return sql
    .replace(/^ALTER TABLE (?:ONLY )?.+\n\s+ADD CONSTRAINT (?:"(?:[^"]|"")+"|\S+) /, "")
    .replace(/^CREATE (UNIQUE )?INDEX .*? ON (?:ONLY )?.*?(?=USING )/, "$1");
}

/** What belongs together stands together: a table, then its columns, then its keys, indexes, ... */
function byTable(a: SchemaChange, b: SchemaChange): number {
  // "TABLE users" and "COLUMN users.id" are the names of comments and privileges.
  const group = ({ table, name }: SchemaChange) => table ?? name.replace(/^[A-Z ]+ /, "");
  const rank = ({ type, table }: SchemaChange) => (table === null ? 0 : type === "column" ? 1 : 2);
  return compare(group(a), group(b)) || rank(a) - rank(b);
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
