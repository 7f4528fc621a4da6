import { quoteIdentifier } from "../../postgres/quote.ts";
import { childKey, type Link, type Schema } from "../rules/links.ts";
import { type Classified, fromSql } from "../rules/ownership.ts";
import { tenantExpression } from "./tenant-expression.ts";

/** How many values of a column another table has as a key. */
export interface Overlap {
  values: number;
  found: number;
  /** Found, of rows of which both sides have an owner: the same one, another one. */
  same: number;
  other: number;
  /** Numbers of few digits, which every table has. */
  small: boolean;
}

/**
 * One row for each reference, `n` being its place among those of all columns: some of the column's values, each
 * looked up by the other table's key. Counts only: no value is in the answer.
 *
 * @param columns the references of each column
 */
export function overlapSql(
  columns: readonly (readonly [Link, ...Link[]])[],
  { catalogue }: Pick<Schema, "catalogue">,
  classOf: (table: Link["child"]) => Classified | undefined,
  most: number,
): string {
  const tenantOf = (table: Link["child"]) => {
    const classified = classOf(table);
    const sql = classified && tenantExpression(classified, catalogue);
    return sql === undefined ? "null::text" : `(${sql})::text`;
  };
  const valuesOf = ([{ child, childColumns }]: readonly [Link, ...Link[]]) => {
    const column = `r.${quoteIdentifier(childColumns[0] ?? "")}`;
    return `select distinct r.*, ${column}::text as v from (
        select ${column}, ${tenantOf(child)} as ds_tenant from ${fromSql(child)} r
        where ${column} is not null and ${column}::text <> '' limit ${most * 2}
      ) r limit ${most}`;
  };
  const lookUp = (link: Link, values: string, n: number) => {
    const key = `r.${quoteIdentifier(link.parentColumns[0] ?? "")}`;
    return `select ${n} as n, count(*)::int as values, count(p.there)::int as found,
        (count(*) filter (where s.ds_tenant = p.tenant))::int as same,
        (count(*) filter (where s.ds_tenant <> p.tenant))::int as other,
        coalesce(bool_and(s.v ~ '^-?[0-9]{1,9}$'), false) as small
      from ${values} s left join lateral (
        select true as there, ${tenantOf(link.parent)} as tenant from ${fromSql(link.parent)} r
        where ${key} = ${childKey(link, "s", catalogue)[0]} limit 1
      ) p on true`;
  };
  const values = columns.map((links, at) => `s${at} as materialized (${valuesOf(links)})`);
  const looked = columns
    .flatMap((links, at) => links.map((link) => ({ link, values: `s${at}` })))
    .map((each, n) => lookUp(each.link, each.values, n));
  return `with ${values.join(",\n ")} ${looked.join("\n union all ")}`;
}
