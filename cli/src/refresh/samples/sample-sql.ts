import { quoteIdentifier } from "../../postgres/quote.ts";
import type { CatalogueTable } from "../model/catalogue.ts";
import type { ColumnType } from "../model/column-type.ts";
import { fromSql } from "../rules/ownership.ts";
import { spreadRows } from "./rows.ts";
import { shapeSql } from "./shapes.ts";

/** A column that can hold words, and is no JSON. */
export interface WordColumn {
  name: string;
  type: ColumnType;
}

/** Rows that are looked at, and characters of each value. */
const sampled = 400;
const beginning = 500;

/** The columns' values as rows: `n`, the column's place; `v`, the value as text; `l`, its length. */
const unpivot = (columns: readonly WordColumn[], alias: string): string => {
  const selects = columns.map(({ name, type }, at) => {
    const column = `${alias}.${quoteIdentifier(name)}`;
    const value = type.array ? "e.v" : column;
    const text =
      type.family === "bytea"
        ? `encode(substring(${value} from 1 for ${beginning}), 'escape'), octet_length(${value})`
        : `left(${value}::text, ${beginning}), length(${value}::text)`;
    return `select ${at}, ${text}${type.array ? ` from unnest(${column}) e(v)` : ""}`;
  });
  return `lateral (${selects.join(" union all ")}) c(n, v, l)`;
};

/**
 * One row a column: how many values, how many different ones, the longest, and how many of each shape. Of arrays
 * each element is a value, at any depth.
 */
export function shapesSql(table: CatalogueTable, columns: readonly WordColumn[]): string {
  const names = columns.map(({ name }) => name);
  return `select s.n, sum(s.rows)::int as filled, sum(s.different)::int as distinct, max(s.l)::int as longest,
      coalesce(jsonb_object_agg(s.shape, s.rows) filter (where s.shape is not null), '{}') as shapes
    from (
      select d.n, d.shape, sum(d.rows) as rows, count(*) as different, max(d.l) as l
      from (
        select b.n, b.rows, b.l, ${shapeSql("b.v")} as shape
        from (
          select c.n, c.v, count(*) as rows, max(c.l) as l
          from ${spreadRows(table, names, sampled)} t cross join ${unpivot(columns, "t")}
          where c.v <> '' group by c.n, c.v offset 0
        ) b
      ) d group by d.n, d.shape
    ) s group by s.n`;
}

/** At most so many different values can be words of the program's. */
export const fewValues = 20;

/**
 * For columns with few values: how many different ones there are, whether all of them look like a word of a
 * program's, with how many tenants the rarest is, and how many of each shape there are.
 *
 * @param tenant SQL of the row `r` that says whose it is
 */
export function commonSql(
  table: CatalogueTable,
  columns: readonly WordColumn[],
  tenant: string,
): string {
  const most = 20_000;
  const list = columns.map(({ name }) => `r.${quoteIdentifier(name)}`).join(", ");
  return `select v.n, sum(v.rows)::int as filled, count(*)::int as distinct, min(v.tenants)::int as tenants,
      bool_and(v.word) as words, array_agg(distinct v.shape) filter (where v.shape is not null) as shapes
    from (
      select g.*, g.v ~ '^[[:alnum:]_.:/+-]{1,40}( [[:alnum:]_-]{1,20}){0,2}$' as word, ${shapeSql("g.v")} as shape
      from (
        select c.n, c.v, count(*) as rows, count(distinct t.ds_tenant) as tenants
        from (select ${list}, (${tenant})::text as ds_tenant from ${fromSql(table)} r limit ${most}) t
          cross join ${unpivot(columns, "t")}
        where c.v <> '' group by c.n, c.v order by c.n, count(*) limit 1000
      ) g
    ) v group by v.n`;
}
