import { quoteIdentifier } from "../../postgres/quote.ts";
import type { CatalogueTable } from "../model/catalogue.ts";
import type { ColumnType } from "../model/column-type.ts";
import { fromSql } from "../rules/ownership.ts";
import { spreadRows } from "./rows.ts";
import { shapedSql } from "./shapes.ts";

/** A column that can hold words, and is no JSON. */
export interface WordColumn {
  name: string;
  type: ColumnType;
}

/** Rows that are looked at, and characters of each value. */
const sampled = 400;
const beginning = 500;

/**
 * The columns' values as rows: `n`, the column's number; `v`, the value as text; `l`, its length. Compared by their bytes:
 * columns may have collations of their own, and some of those know no patterns.
 */
const unpivot = (columns: readonly WordColumn[], alias: string, first: number): string => {
  const selects = columns.map(({ name, type }, at) => {
    const column = `${alias}.${quoteIdentifier(name)}`;
    const value = type.array ? "e.v" : column;
    const text =
      type.family === "bytea"
        ? `encode(substring(${value} from 1 for ${beginning}), 'escape') collate "C", octet_length(${value})`
        : `left(${value}::text, ${beginning}) collate "C", length(${value}::text)`;
    return `select ${first + at}, ${text}${type.array ? ` from unnest(${column}) e(v)` : ""}`;
  });
  return `lateral (${selects.join(" union all ")}) c(n, v, l)`;
};

/** Columns of a table that are looked at together. */
export interface SampledTable {
  table: CatalogueTable;
  columns: readonly WordColumn[];
}

/**
 * One row a column, `n` being its place among those of all tables: how many values, how many different ones, the
 * longest, and how many of each shape. Of arrays each element is a value, at any depth.
 */
export function shapesSql(tables: readonly SampledTable[]): string {
  const values = numbered(tables).map(({ table, columns, first }) => {
    const names = columns.map(({ name }) => name);
    return `select c.n, c.v, count(*) as rows, max(c.l) as l
      from ${spreadRows(table, names, sampled)} t cross join ${unpivot(columns, "t", first)}
      where c.v <> '' group by c.n, c.v`;
  });
  return `with c as materialized (${values.join("\n union all ")})
    select s.n, sum(s.rows)::int as filled, sum(s.different)::int as distinct, max(s.l)::int as longest,
      coalesce(jsonb_object_agg(s.shape, s.rows) filter (where s.shape is not null), '{}') as shapes
    from (
      select c.n, d.shape, sum(c.rows) as rows, count(*) as different, max(c.l) as l
      from c join ${shapedSql("(select distinct v from c)")} d on d.v = c.v
      group by c.n, d.shape
    ) s group by s.n`;
}

/** With the number of each table's first column. */
function numbered<T extends SampledTable>(tables: readonly T[]): (T & { first: number })[] {
  let first = 0;
  return tables.map((each) => {
    const own = { ...each, first };
    first += each.columns.length;
    return own;
  });
}

/**
 * For columns with few values: how many different ones there are, whether all of them look like a word of a
 * program's, with how many tenants the rarest is, and how many of each shape there are.
 *
 * @param tables `tenant` is SQL of the row `r` that says whose it is
 */
export function commonSql(tables: readonly (SampledTable & { tenant: string })[]): string {
  const most = 20_000;
  const values = numbered(tables).map(({ table, columns, tenant, first }) => {
    const list = columns.map(({ name }) => `r.${quoteIdentifier(name)}`).join(", ");
    return `(select c.n, c.v, count(*) as rows, count(distinct t.ds_tenant) as tenants
      from (select ${list}, (${tenant})::text as ds_tenant from ${fromSql(table)} r limit ${most}) t
        cross join ${unpivot(columns, "t", first)}
      where c.v <> '' group by c.n, c.v order by c.n, count(*) limit 1000)`;
  });
  return `with c as materialized (${values.join("\n union all ")})
    select c.n, sum(c.rows)::int as filled, count(*)::int as distinct, min(c.tenants)::int as tenants,
      bool_and(c.v ~ '^[[:alnum:]_.:/+-]{1,40}( [[:alnum:]_-]{1,20}){0,2}$') as words,
      array_agg(distinct d.shape) filter (where d.shape is not null) as shapes
    from c join ${shapedSql("(select distinct v from c)")} d on d.v = c.v group by c.n`;
}
