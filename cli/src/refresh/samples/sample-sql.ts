import { quoteIdentifier, quoteLiteral } from "../../postgres/quote.ts";
import type { CatalogueTable } from "../model/catalogue.ts";
import type { Shape } from "../model/observed.ts";
import { fromSql } from "../rules/ownership.ts";

/** In this order: the first that fits counts. Of each value only the beginning is looked at. */
const patterns: [Shape, string][] = [
  ["email", String.raw`[^@\s]+@[^@\s]+\.[A-Za-z]{2,}`],
  ["uuid", "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"],
  ["ip", String.raw`^(\d{1,3}(\.\d{1,3}){3}|[0-9a-fA-F]{1,4}(:[0-9a-fA-F]{0,4}){2,7})(/\d+)?$`],
  ["url", "^[A-Za-z][A-Za-z0-9+.-]*://"],
  ["card", String.raw`^\d{4}([ -]?\d{4}){2}[ -]?\d{1,7}$`],
  ["phone", String.raw`^(?!\d{4}-\d\d-\d\d)(\+|\(|0)?[0-9][-0-9 ()./]{6,18}$`],
  [
    "secret",
    String.raw`^(sk|pk|rk|ghp|gho|xox[a-z]|AKIA|eyJ|\$2[aby]\$|\$argon2|-----BEGIN)[_A-Za-z0-9$. -]*|^(?=[^\d]*\d)(?=.*[A-Za-z])[A-Za-z0-9_+/=.-]{24,}$`,
  ],
  [
    "address",
    String.raw`^\d{1,5}[A-Za-z]? [^\d]{4,}|\d.*\m([Ss]treet|[Aa]venue|[Rr]oad|[Ll]ane|[Dd]rive|[Bb]oulevard|[Rr]ue|[Cc]alle)\M|(stra(ß|ss)e|weg|platz|str\.|[Rr]ue [^\d]+|[Cc]alle [^\d]+) \d`,
  ],
  ["prose", String.raw`^\S+(\s+\S+){4,}`],
  [
    "name",
    String.raw`^[[:upper:]][[:lower:]'’-]+( [[:upper:]]\.?)?( (van|von|de|da|der|den|di|la|bin|al))*( [[:upper:]][[:lower:][:upper:]'’-]+){1,2}$`,
  ],
];

/** Rows that are looked at; of a large table some of all its pages. */
const sampled = 400;

function sampleOf(table: CatalogueTable, columns: readonly string[], most: number): string {
  const list = columns.map((name) => `r.${quoteIdentifier(name)}`).join(", ");
  return sampledRows(table, most, list === "" ? "1" : list);
}

/** @param list what is selected of the row `r` */
export function sampledRows(table: CatalogueTable, most: number, list = "r.*"): string {
  const rows = table.estimatedRows;
  const percent = Math.max(0.01, Math.min(100, (100 * most * 3) / Math.max(rows, 1)));
  const pages = rows > most * 10 ? ` tablesample system (${percent.toFixed(2)})` : "";
  return `(select ${list} from ${fromSql(table)} r${pages} limit ${most})`;
}

/** A column of texts, or of lists of them: each element of a list is looked at by itself. */
export interface TextColumn {
  name: string;
  array: boolean;
}

/** The columns' values as rows: `n`, the column's place; `v`, the value as text. */
function unpivot(columns: readonly TextColumn[], alias: string): string {
  const parts = columns.map(({ name, array }, at) => {
    const value = `${alias}.${quoteIdentifier(name)}`;
    return array ? `select ${at}, e::text from unnest(${value}) e` : `select ${at}, ${value}::text`;
  });
  return `(${parts.join(" union all ")}) c(n, v)`;
}

/** One row a column: how many values, how many different ones, the longest, and how many of each shape. */
export function shapesSql(table: CatalogueTable, columns: readonly TextColumn[]): string {
  const cases = patterns.map(
    ([shape, pattern]) => `when b.v ~ ${quoteLiteral(pattern)} then '${shape}'`,
  );
  const counts = patterns.map(
    ([shape]) => `'${shape}', count(*) filter (where s.shape = '${shape}')`,
  );
  return `select s.n, count(*)::int as filled, count(distinct s.h)::int as distinct, max(s.l)::int as longest,
      jsonb_build_object(${counts.join(", ")}) as shapes
    from (
      select b.n, b.l, b.h, case ${cases.join(" ")} end as shape
      from (
        select c.n, left(c.v, 300) as v, length(c.v) as l, md5(c.v) as h
        from ${sampleOf(table, namesOf(columns), sampled)} t cross join lateral ${unpivot(columns, "t")}
        where c.v is not null and c.v <> '' offset 0
      ) b
    ) s group by s.n`;
}

const namesOf = (columns: readonly TextColumn[]): string[] => columns.map(({ name }) => name);

/** At most so many different values can be words of the program's. */
export const fewValues = 20;

/**
 * For columns with few values: how many different ones there are, whether all of them look like a word of a
 * program's, and with how many tenants the rarest is.
 *
 * @param tenant SQL of the row `r` that says whose it is
 */
export function commonSql(
  table: CatalogueTable,
  columns: readonly TextColumn[],
  tenant: string,
): string {
  const most = 20_000;
  const list = namesOf(columns)
    .map((name) => `r.${quoteIdentifier(name)}`)
    .join(", ");
  return `select v.n, sum(v.rows)::int as filled, count(*)::int as distinct, min(v.tenants)::int as tenants,
      bool_and(v.word) as words
    from (
      select c.n, c.v, count(*) as rows, count(distinct t.ds_tenant) as tenants,
        c.v ~ '^[[:alnum:]_.:/+-]{1,40}( [[:alnum:]_-]{1,20}){0,2}$' as word
      from (select ${list}, (${tenant})::text as ds_tenant from ${fromSql(table)} r limit ${most}) t
        cross join lateral ${unpivot(columns, "t")}
      where c.v is not null and c.v <> ''
      group by c.n, c.v
    ) v group by v.n`;
}

/**
 * Names of keys at any depth of JSON, each with whether a number stands there, as far as they are in several
 * rows; `free`: how many keys are no names of a program's.
 */
export function jsonSql(table: CatalogueTable, column: string): string {
  const value = `t.${quoteIdentifier(column)}::jsonb`;
  return `with recursive walk(row, path, key, v, depth) as (
      select s.row, '', '', s.v, 0
      from (select row_number() over () as row, ${value} as v
        from ${sampleOf(table, [column], 200)} t where t.${quoteIdentifier(column)} is not null) s
      union all
      select w.row, case when e.key is null then w.path || '[]' when w.path = '' then e.key else w.path || '.' || e.key end,
        coalesce(e.key, w.key), e.v, w.depth + 1
      from walk w cross join lateral (
        select o.key, o.value as v from jsonb_each(case when jsonb_typeof(w.v) = 'object' then w.v else '{}' end) o
        union all
        select null, a.value from jsonb_array_elements(case when jsonb_typeof(w.v) = 'array' then w.v else '[]' end) a
      ) e where w.depth < 12
    )
    select coalesce((select array_agg(distinct p.path) from (
        select path from walk where jsonb_typeof(v) = 'number'
          and path ~ '^[A-Za-z_][A-Za-z0-9_-]{0,40}(\\[\\])*([.][A-Za-z_][A-Za-z0-9_-]{0,40}(\\[\\])*)*$'
        group by path having count(distinct row) > 2
          and count(distinct row) * 10 > (select max(row) from walk)
      ) p), '{}') as numbers,
      (select count(distinct path) from walk) > 200 or
      exists (select from walk where key !~ '^[$@_A-Za-z][A-Za-z0-9_.:/-]{0,60}$' and key <> '' and key !~ '^\\d{1,3}$') as free`;
}
