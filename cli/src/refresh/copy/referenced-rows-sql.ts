import { quoteIdentifier } from "../../postgres/quote.ts";
import { sameTable, sqlName } from "../model/names.ts";
import type { Reference, TablePlan } from "../model/plan.ts";
import { quotedList, selectSql } from "../plan/copy-sql.ts";

/**
 * SQL of referenced rows: which parents are missing on the target, and how the source is asked for them. Keys
 * travel as one array for each column, in the settings `ds.keys1`, `ds.keys2` ...
 */

/**
 * Rows of `from` (alias `c`) whose parent is not there.
 *
 * @param among only those with one of the keys of this table
 */
function orphanConditions(
  { childColumns, childKey, parent, parentColumns, condition, declared }: Reference,
  among?: string,
): string[] {
  const keys = childKey.map((key, at) => `s.k${at + 1} = ${key}`).join(" and ");
  const pairs = parentColumns.map((column, at) => `p.${quoteIdentifier(column)} = ${childKey[at]}`);
  return [
    ...childColumns.map((column) => `c.${quoteIdentifier(column)} is not null`),
    // A value that cannot be the parent's has become none.
    ...(declared ? childKey.map((key) => `${key} is not null`) : []),
    ...(condition === undefined ? [] : [`(${condition})`]),
    ...(among === undefined ? [] : [`exists (select from ${among} s where ${keys})`]),
    `not exists (select from ${sqlName(parent)} p where ${pairs.join(" and ")})`,
  ];
}

/** Each missing key once, its columns called k1, k2 ... */
export function missingKeysSql(reference: Reference, from: string): string {
  const keys = reference.childKey.map((expression, at) => `${expression} as k${at + 1}`);
  return `select distinct ${keys.join(", ")} from ${from} c where ${orphanConditions(reference).join(" and ")}`;
}

/** Takes up to `limit` keys away and answers with them: `keys1`, `keys2` ... and their `count`. */
export function takeKeysSql(table: string, columns: number, limit: number): string {
  const numbers = Array.from({ length: columns }, (_, at) => at + 1);
  const arrays = numbers.map((n) => `array_agg(k${n})::text as keys${n}`);
  return `with taken as (
      delete from ${table} where ctid = any (array(select ctid from ${table} limit ${limit})) returning *
    ) select count(*)::int as count, ${arrays.join(", ")} from taken`;
}

/** Which of a table's rows are wanted: those with the keys in the settings. */
export interface WantedParents {
  reference: Reference;
  /** Of the table's columns on the target, by name. */
  types: Record<string, string>;
  /** References of the table to itself that are to be followed. */
  selves: readonly Reference[];
  /** On `t`: which rows may come; undefined: all of them. */
  condition: string | undefined;
}

/**
 * The parents of the keys. A table that refers to itself is followed to the end on the source, so that a
 * chain of ten thousand is one question and not ten thousand.
 */
export function parentsSql(
  plan: TablePlan,
  { reference, types, selves, condition }: WantedParents,
): string {
  const columns = reference.parentColumns;
  const mayCome = condition === undefined ? "" : ` and (${condition})`;
  const keyTypes = columns.map((name) => types[name] ?? "text");
  const wanted = `${keyCondition(reference.parentKey, keyTypes)}${mayCome}`;
  if (selves.length === 0) return selectSql(plan, [wanted]);
  const names = columns.map((_, at) => `k${at + 1}`);
  const same = columns
    .map((column, at) => `c.${quoteIdentifier(column)} = up.k${at + 1}`)
    .join(" and ");
  const next = selves.map(
    ({ childKey, condition: holds }) =>
      `(${childKey.join(", ")}, ${holds === undefined ? "true" : `(${holds})`})`,
  );
  const known = names.map((name) => `v.${name} is not null`).join(" and ");
  const up = `with recursive up(${names.join(", ")}) as (
      select ${quotedList(columns, "t")} from ${plan.from} t where ${wanted}
      union
      select ${names.map((name) => `v.${name}`).join(", ")}
      from up join ${plan.from} c on ${same}
      cross join lateral (values ${next.join(", ")}) as v(${names.join(", ")}, holds)
      where v.holds and ${known}
    ) `;
  const chain = `(${quotedList(columns, "t")}) in (select ${names.join(", ")} from up)${mayCome}`;
  return `${up}${selectSql(plan, [chain])}`;
}

/** Self references that end at the same columns as the one being followed: only these make one chain. */
export function followedSelves(references: readonly Reference[], followed: Reference): Reference[] {
  return references.filter(
    ({ child, parent, parentColumns }) =>
      sameTable(child, parent) &&
      sameTable(parent, followed.parent) &&
      parentColumns.join("\n") === followed.parentColumns.join("\n"),
  );
}

/** Holds for the rows whose key is among those in the settings. */
export function keyCondition(expressions: readonly string[], types: readonly string[]): string {
  const arrays = types.map((type, at) => `current_setting('ds.keys${at + 1}')::${type}[]`);
  if (expressions.length === 1) return `${expressions[0]} = any (${arrays[0]})`;
  const names = types.map((_, at) => `k${at + 1}`).join(", ");
  return `(${expressions.join(", ")}) in (select ${names} from unnest(${arrays.join(", ")}) as keys(${names}))`;
}

/** Of rows that came, those that are new go into their table, and are noted for the next round. */
export function keepNewSql(
  plan: TablePlan,
  key: readonly string[],
  arrived: string,
  round: string,
): string {
  const columns = quotedList(plan.columns.map(({ name }) => name));
  const same = key
    .map((column) => `p.${quoteIdentifier(column)} = s.${quoteIdentifier(column)}`)
    .join(" and ");
  return `with kept as (
      insert into ${sqlName(plan.table)} (${columns}) overriding system value
      select ${columns} from ${arrived} s
      where not exists (select from ${sqlName(plan.table)} p where ${same})
      returning *
    ), noted as (insert into ${round} select * from kept)
    select count(*)::int as count from kept`;
}

/** Empties the reference in rows whose parent is another organization's. */
export function emptyReferenceSql(reference: Reference, among?: string): string {
  const set = reference.emptied.map((column) => `${quoteIdentifier(column)} = null`).join(", ");
  return `update ${sqlName(reference.child)} c set ${set} where ${orphanConditions(reference, among).join(" and ")}`;
}

/** A few of the rows whose parent is not there: their own key, and the key that they refer to. */
export function orphansSql(
  reference: Reference,
  key: readonly string[],
  { limit, among }: { limit: number; among?: string | undefined },
): string {
  const shown = (columns: readonly string[]) =>
    columns.length === 0
      ? "array[]::text[]"
      : `array[${columns.map((column) => `c.${quoteIdentifier(column)}::text`).join(", ")}]`;
  return `select ${shown(key)} as key, ${shown(reference.childColumns)} as refers
    from ${sqlName(reference.child)} c where ${orphanConditions(reference, among).join(" and ")} limit ${limit}`;
}

/** Of the keys in the settings those that the source has a row for: `keys1`, `keys2` ..., as arrays. */
export function presentKeysSql(
  { from }: TablePlan,
  { parentKey }: Reference,
  types: readonly string[],
): string {
  const keys = parentKey.map(
    (key, at) => `array_agg((${key})::${types[at]})::text as keys${at + 1}`,
  );
  return `select ${keys.join(", ")} from ${from} t where ${keyCondition(parentKey, types)}`;
}

/** How many of the parents with the keys in the settings belong to no organization. */
export const nobodysSql = (
  { from, nobodys }: TablePlan,
  { parentKey }: Reference,
  types: readonly string[],
): string =>
  `select (count(*) filter (where ${nobodys ?? "false"}))::int as nobodys, count(*)::int as rows
    from ${from} t where ${keyCondition(parentKey, types)}`;

/** How many rows there are whose parent is not there. */
export const orphanCountSql = (reference: Reference, among: string | undefined): string =>
  `select count(*)::float8 as rows from ${sqlName(reference.child)} c where ${orphanConditions(reference, among).join(" and ")}`;
