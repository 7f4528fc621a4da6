import { quoteIdentifier } from "../../postgres/quote.ts";
import type { CatalogueTable } from "../model/catalogue.ts";
import { spreadRows } from "./rows.ts";
import { shapeSql } from "./shapes.ts";

const part = "[A-Za-z_][A-Za-z0-9_-]{0,40}(\\[\\])*";
/** A path of names that a program gave: others may be somebody's, and are not said. */
const ofProgram = `(path ~ '^(\\[\\])*(${part}([.]${part})*)?$')`;

/**
 * Names of keys at any depth of JSON with a number below them, as far as several rows have them; `free`: whether some
 * keys are no names of a program's; `texts`: how many texts of each shape there are below each path.
 */
export function jsonSql(table: CatalogueTable, column: string, isArray = false): string {
  const own = `t.${quoteIdentifier(column)}`;
  const value = isArray ? "e.v::jsonb" : `${own}::jsonb`;
  const elements = isArray ? ` cross join unnest(${own}) e(v)` : "";
  return `with recursive walk(row, path, key, v, depth) as (
      select s.row, '', '', s.v, 0
      from (select row_number() over () as row, ${value} as v
        from ${spreadRows(table, [column], 200)} t${elements} where ${own} is not null) s
      union all
      select w.row, case when e.key is null then w.path || '[]' when w.path = '' then e.key else w.path || '.' || e.key end,
        coalesce(e.key, w.key), e.v, w.depth + 1
      from walk w cross join lateral (
        select o.key, o.value as v from jsonb_each(case when jsonb_typeof(w.v) = 'object' then w.v else '{}' end) o
        union all
        select null, a.value from jsonb_array_elements(case when jsonb_typeof(w.v) = 'array' then w.v else '[]' end) a
      ) e where w.depth < 12
    ), known as (
      select path from walk where ${ofProgram}
      group by path having count(distinct row) > 2 and count(distinct row) * 10 > (select max(row) from walk)
    ), texts as (
      select case when path in (select path from known) then path else '*' end as path, left(v #>> '{}', 500) as v
      from walk where jsonb_typeof(v) = 'string' and v <> '""'
      union all
      select distinct '(keys)', key from walk where key <> ''
    ), shaped as (
      select b.path, b.rows, ${shapeSql("b.v")} as shape
      from (select path, v, count(*) as rows from texts group by path, v offset 0) b
    )
    select coalesce((select array_agg(distinct n.path) from (
        select path from walk where jsonb_typeof(v) = 'number' and path in (select path from known)
      ) n), '{}') as numbers,
      (select count(distinct path) from walk) > 200 or
      exists (select from walk where key !~ '^[$@_A-Za-z][A-Za-z0-9_.:/-]{0,60}$' and key <> '' and key !~ '^\\d{1,3}$') as free,
      coalesce((select jsonb_agg(jsonb_build_object('path', path, 'shape', shape, 'rows', rows)) from (
        select path, shape, sum(rows) as rows from shaped group by path, shape) g), '[]') as texts`;
}
