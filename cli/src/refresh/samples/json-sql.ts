import { quoteIdentifier } from "../../postgres/quote.ts";
import type { CatalogueTable } from "../model/catalogue.ts";
import { spreadRows } from "./rows.ts";
import { shapedSql } from "./shapes.ts";

/** A column of JSON, or of arrays of it. */
export interface JsonColumn {
  table: CatalogueTable;
  name: string;
  isArray: boolean;
}

const part = "[A-Za-z_][A-Za-z0-9_-]{0,40}(\\[\\])*";
/** A path of names that a program gave: others may be somebody's, and are not said. */
const ofProgram = `^(\\[\\])*(${part}([.]${part})*)?$`;

/** `n`, the column's place; `row`, a number of the row; `v`, its value. */
const valuesSql = ({ table, name, isArray }: JsonColumn, n: number): string => {
  const own = `t.${quoteIdentifier(name)}`;
  const elements = isArray ? ` cross join unnest(${own}) e(v)` : "";
  return `select ${n} as n, row_number() over () as row, ${isArray ? "e.v" : own}::jsonb as v
    from ${spreadRows(table, [name], 200)} t${elements} where ${own} is not null`;
};

/**
 * One row a column: names of keys at any depth with a number below them, as far as several rows have them; `free`:
 * whether some keys are no names of a program's; `texts`: how many texts of each shape there are below each path.
 */
export const jsonSql = (columns: readonly JsonColumn[]): string =>
  `with recursive walk(n, row, path, key, v, depth) as (
      select s.n, s.row, '', '', s.v, 0 from (${columns.map(valuesSql).join("\n union all ")}) s
      union all
      select w.n, w.row, case when e.key is null then w.path || '[]' when w.path = '' then e.key else w.path || '.' || e.key end,
        coalesce(e.key, w.key), e.v, w.depth + 1
      from walk w cross join lateral (
        select o.key, o.value as v from jsonb_each(case when jsonb_typeof(w.v) = 'object' then w.v else '{}' end) o
        union all
        select null, a.value from jsonb_array_elements(case when jsonb_typeof(w.v) = 'array' then w.v else '[]' end) a
      ) e where w.depth < 12
    ), whole as (
      select n, max(row) as rows, count(distinct path) > 200
        or bool_or(key !~ '^[$@_A-Za-z][A-Za-z0-9_.:/-]{0,60}$' and key <> '' and key !~ '^\\d{1,3}$') as free
      from walk group by n
    ), known as (
      select w.n, w.path, bool_or(jsonb_typeof(w.v) = 'number') as numeric
      from walk w join whole c on c.n = w.n where w.path ~ '${ofProgram}'
      group by w.n, w.path, c.rows having count(distinct w.row) > 2 and count(distinct w.row) * 10 > c.rows
    ), texts as materialized (
      select t.n, t.path, t.v, count(*) as rows from (
        select w.n, coalesce(k.path, '*') as path, left(w.v #>> '{}', 500) collate "C" as v
        from walk w left join known k on k.n = w.n and k.path = w.path
        where jsonb_typeof(w.v) = 'string' and w.v <> '""'
        union all
        select distinct n, '(keys)', key collate "C" from walk where key <> ''
      ) t group by t.n, t.path, t.v
    )
    select c.n, c.free, coalesce(k.numbers, '{}') as numbers, coalesce(g.texts, '[]') as texts
    from whole c
      left join (select n, array_agg(path) filter (where numeric) as numbers from known group by n) k on k.n = c.n
      left join (
        select n, jsonb_agg(jsonb_build_object('path', path, 'shape', shape, 'rows', rows)) as texts
        from (
          select t.n, t.path, d.shape, sum(t.rows) as rows
          from texts t join ${shapedSql("(select distinct v from texts)")} d on d.v = t.v
          group by t.n, t.path, d.shape
        ) s group by n
      ) g on g.n = c.n`;
