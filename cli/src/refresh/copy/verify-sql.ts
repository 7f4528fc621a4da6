import { quoteIdentifier, quoteLiteral } from "../../postgres/quote.ts";
import type { ColumnPlan, TablePlan } from "../model/plan.ts";
import { keyCondition } from "./referenced-rows-sql.ts";

/**
 * Rows in all; those that neither the filter chose nor others may bring along; and those of the filter's
 * that another path leads to another organization.
 */
export function countSql({ from, filter, followed, alternatives }: TablePlan): string {
  const count = (condition: string) => `(count(*) filter (where ${condition}))::float8`;
  const outside =
    filter === undefined
      ? "0"
      : count(
          `(${filter}) is not true${followed === undefined ? "" : ` and (${followed}) is not true`}`,
        );
  const torn =
    filter === undefined || alternatives.length === 0
      ? "0"
      : count(
          `(${filter}) and (${alternatives.map((path) => `(${path.filter})`).join(" and ")}) is not true`,
        );
  return `select count(*)::float8 as rows, ${outside} as outside, ${torn} as torn from ${from} t`;
}

/**
 * Masks after which a value is another one, and those where a few may be the same by chance. The others
 * may give the value itself back: a constant, a number that is rounded, what somebody wrote in SQL.
 */
const tolerances: Record<string, number> = {
  email: 0,
  phone: 0,
  url: 0,
  ip: 0,
  uuid: 0,
  token: 0,
  date: 0,
  name: 0.1,
  text: 0.1,
};

export const isCompared = ({ mask }: ColumnPlan): boolean =>
  mask !== undefined && tolerances[mask] !== undefined;

/** Whether so many unchanged values among those that were compared are a leak. */
export function isLeak(mask: string, unchanged: number, compared: number): boolean {
  const tolerance = tolerances[mask] ?? 1;
  return tolerance === 0 ? unchanged > 0 : compared >= 10 && unchanged > compared * tolerance;
}

/** What has fewer characters than this may be the same by chance, and tells nothing. */
const shortest = 4;

/** A sample of the target's rows: their keys as one array for each column, and each masked value's digest. */
export function sampleSql(
  plan: TablePlan,
  key: readonly string[],
  columns: readonly ColumnPlan[],
  rows: number,
): string {
  const keys = key.map(
    (name, at) => `array_agg(s.${quoteIdentifier(name)})::text as keys${at + 1}`,
  );
  const keyText = key.map((name) => `s.${quoteIdentifier(name)}::text`);
  const list = columns.map(({ name }) => digest(name, keyText, `s.${quoteIdentifier(name)}`));
  const order = key.map((name) => `r.${quoteIdentifier(name)}::text`).join(" || ' ' || ");
  return `select ${keys.join(", ")}, array_agg(array[${list.join(", ")}]) as digests
    from (select * from ${plan.from} r order by md5(${order}) limit ${rows}) s`;
}

/** Digests of the same rows' raw values on the source. Only digests leave it. */
export function rawDigestsSql(
  plan: TablePlan,
  key: readonly string[],
  columns: readonly ColumnPlan[],
  types: Record<string, string>,
): string {
  const expressions = key.map(
    (name) =>
      plan.columns.find((column) => column.name === name)?.expression ??
      `t.${quoteIdentifier(name)}`,
  );
  const keyTypes = key.map((name) => types[name] ?? "text");
  const keyText = expressions.map((expression, at) => `(${expression})::${keyTypes[at]}::text`);
  const list = columns.map(({ name }) => digest(name, keyText, `t.${quoteIdentifier(name)}`));
  return `select count(*)::int as rows, array_agg(array[${list.join(", ")}]) as digests
    from ${plan.from} t where ${keyCondition(expressions, keyTypes)}`;
}

/**
 * Of the column, the row and the value together, so that equal values of two rows are not equal. An endless
 * date cannot be moved.
 */
const digest = (column: string, keyText: readonly string[], value: string) =>
  `case when length(${value}::text) >= ${shortest} and ${value}::text not in ('infinity', '-infinity') then
    ${quoteLiteral(`${column} `)} || md5(${[...keyText, `${value}::text`].join(" || ' ' || ")}) end`;
