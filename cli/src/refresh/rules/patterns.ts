import type { TableName } from "../model/catalogue.ts";
import { isQuoted, nameOf, partsOf } from "../model/names.ts";

/**
 * Names of tables and columns in rules: `users`, `audit.events`, `*_log`, `users.email`, `*.phone`. Where a
 * schema is left out it is `public`, except that a table with a `*` in it stands for those of every schema.
 * A part with a dot, a quote or a `*` of its own is quoted as in SQL: `"odd.name".id`.
 */
export interface Pattern<T> {
  text: string;
  schema: Part;
  table: Part;
  /** Of rules for columns. */
  column: Part | undefined;
  rule: T;
}

interface Part {
  text: string;
  exact: boolean;
  matches(name: string): boolean;
}

export function patternOf<T>(text: string, rule: T, of: "table" | "column"): Pattern<T> {
  const parts = partsOf(text);
  const column = of === "column" ? parts.pop() : undefined;
  const table = parts.pop() ?? "*";
  const schema = parts.pop() ?? (table.includes("*") && !isQuoted(table) ? "*" : "public");
  return {
    text,
    schema: part(schema),
    table: part(table),
    column: column === undefined ? undefined : part(column),
    rule,
  };
}

export const fits = <T>(pattern: Pattern<T>, table: TableName, column?: string): boolean =>
  pattern.schema.matches(table.schema) &&
  pattern.table.matches(table.name) &&
  (column === undefined || pattern.column === undefined || pattern.column.matches(column));

/**
 * The patterns that count for this table or column: those with the most exact column, of these the ones
 * with the most exact table, then schema. More than one only where none is more exact than the others.
 */
export function mostExact<T>(
  patterns: Pattern<T>[],
  table: TableName,
  column?: string,
): Pattern<T>[] {
  const fitting = patterns.filter((pattern) => fits(pattern, table, column));
  const best = fitting.reduce<Pattern<T> | undefined>(
    (first, next) => (first === undefined || compare(next, first) > 0 ? next : first),
    undefined,
  );
  return best === undefined ? [] : fitting.filter((pattern) => compare(pattern, best) === 0);
}

function compare(one: Pattern<unknown>, other: Pattern<unknown>): number {
  return (
    exactness(one.column) - exactness(other.column) ||
    exactness(one.table) - exactness(other.table) ||
    exactness(one.schema) - exactness(other.schema)
  );
}

/** The whole name, else how much of it is written out; no name is longer than 63. */
const exactness = (named: Part | undefined): number =>
  named === undefined ? 0 : named.exact ? 64 : named.text.replaceAll("*", "").length;

function part(text: string): Part {
  if (isQuoted(text) || !text.includes("*")) {
    const own = nameOf(text);
    return { text, exact: true, matches: (name) => name === own };
  }
  const source = text
    .split("*")
    .map((piece) => piece.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"))
    .join(".*");
  const shape = new RegExp(`^${source}$`, "s");
  return { text, exact: false, matches: (name) => shape.test(name) };
}
