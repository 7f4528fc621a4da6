import { partsOf } from "../../../lib/format/name-lists.ts";
import type { TableName } from "../../model/catalogue.ts";
import { isQuoted, nameOf } from "../../model/names.ts";

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
  /** The name that it stands for, where it is a whole one. */
  own: string;
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

/** Finds the patterns that fit, most exact first; those that name a thing as a whole without looking at the others. */
export type Finder<T> = (table: TableName, column?: string) => Pattern<T>[];

export function finderOf<T>(patterns: readonly Pattern<T>[]): Finder<T> {
  const named = new Map<string, Pattern<T>[]>();
  const loose: Pattern<T>[] = [];
  for (const pattern of patterns) {
    const { exact, own } = pattern.column ?? pattern.table;
    if (!exact) loose.push(pattern);
    else if (named.get(own)?.push(pattern) === undefined) named.set(own, [pattern]);
  }
  return (table, column) =>
    [...(named.get(column ?? table.name) ?? []), ...loose]
      .filter((pattern) => fits(pattern, table, column))
      .sort((one, other) => compare(other, one));
}

/**
 * Of patterns as they are found, those that count: with the most exact column, of these the ones with the most
 * exact table, then schema. More than one only where none is more exact than the others.
 */
export const mostExact = <T>(fitting: readonly Pattern<T>[]): Pattern<T>[] =>
  fitting.filter((pattern) => fitting[0] && compare(pattern, fitting[0]) === 0);

/** Means one table, or one column, and no other. */
export const isExact = ({ column, table, schema }: Pattern<unknown>): boolean =>
  schema.exact && table.exact && (column?.exact ?? true);

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
    return { text, exact: true, own, matches: (name) => name === own };
  }
  const source = text
    .split("*")
    .map((piece) => piece.replace(/[\\^$.|?+()[\]{}]/g, "\\$&"))
    .join(".*");
  const shape = new RegExp(`^${source}$`, "s");
  return { text, exact: false, own: "", matches: (name) => shape.test(name) };
}
