import { quoteIdentifier, quoteQualified } from "../quote.ts";
import type { PagePlan, PageRange } from "./pages.ts";
import type { ComparedTable } from "./shape.ts";

// Rows are compared by the text that the server writes of them, which both sides write alike under `settings`.

/** What a type's text depends on. */
export const textSettings = [
  "set local timezone = 'UTC'",
  "set local datestyle = 'ISO, YMD'",
  "set local intervalstyle = 'postgres'",
  "set local extra_float_digits = 3",
  "set local bytea_output = 'hex'",
  "set local xmlbinary = 'base64'",
  "set local lc_monetary = 'C'",
  "set local client_encoding = 'UTF8'",
] as const;

/** With these both sides are read, each as it is at one moment. */
export const settings = [
  "begin isolation level repeatable read read only",
  ...textSettings,
  "set local search_path = pg_catalog",
  // What policies hide would be taken for rows that are not there: the server refuses instead.
  "set local row_security = off",
  "set local statement_timeout = 0",
  // Pages are read by themselves.
  "set local enable_tidscan = on",
].join("; ");

/** How many rows a bucket has, about. */
const bucketRows = 64;
const mostBuckets = 65_536;
const unknownBuckets = 4096;

/** A power of two: rows fall into buckets by their key, and only buckets that differ are read. */
export function bucketCount(estimatedRows: number): number {
  if (estimatedRows < 0) return unknownBuckets;
  const wanted = 2 ** Math.ceil(Math.log2(Math.max(1, estimatedRows / bucketRows)));
  return Math.min(mostBuckets, Math.max(64, wanted));
}

/** `text collate "C"` of some columns: nulls, empty texts and separators stay apart as in a record's own text. */
const recordText = (columns: readonly string[]): string =>
  `row(${columns.map((name) => `t.${quoteIdentifier(name)}`).join(", ")})::text collate "C"`;

const names = ({ columns }: ComparedTable): string[] => columns.map(({ name }) => name);

/** All of a row `t`, as text. */
export const contentText = (table: ComparedTable): string => recordText(names(table));

/** Without a key a row is known by all that it holds. */
const keyText = (table: ComparedTable): string =>
  table.key ? recordText(table.key) : contentText(table);

const bucketOf = (table: ComparedTable, buckets: number): string =>
  `(hashtextextended(${keyText(table)}, 0) & ${buckets - 1})::int4`;

/** All of the table, or what is planned. Whatever inherits from an ordinary table is a table of its own. */
export function from(table: ComparedTable, plan?: PagePlan): string {
  const { kind, schema, name } = table;
  if (!plan) return `from ${kind === "p" ? "" : "only "}${quoteQualified(schema, name)} t`;
  const columns = names(table).map(quoteIdentifier).join(", ");
  const files = plan.files.map(
    ({ file, ranges }) =>
      // Planned by itself, each range becomes a scan of its pages alone.
      `select f.* from unnest(${tids(ranges.map(([first]) => first))}, ${tids(ranges.map(endOf))}) r (low, high), ` +
      `lateral (select ${columns} from only ${quoteQualified(file.schema, file.name)} p ` +
      "where p.ctid >= r.low and p.ctid < r.high offset 0) f",
  );
  return `from (${files.join(" union all ")}) t`;
}

/** Behind the last page that a file can have. */
const beyondLast = 4_294_967_294;

const endOf = ([, to]: PageRange): number => to ?? beyondLast;

const tids = (pages: readonly number[]): string =>
  `'{${pages.map((page) => `"(${page},0)"`).join(",")}}'::tid[]`;

/** Rows: `bucket`, `rows`, `hash`: of all rows that fall into it. Sums of hashes do not depend on the order. */
export const bucketsSql = (table: ComparedTable, buckets: number, plan?: PagePlan): string =>
  `select ${bucketOf(table, buckets)} as bucket, count(*) as rows, ` +
  `sum(hashtextextended(${contentText(table)}, 1)) as hash ${from(table, plan)} group by 1`;

/** The rows of these buckets: the bucket, the key's text, and then each column; in the order of the first two. */
export function rowsSql(
  table: ComparedTable,
  buckets: number,
  wanted: readonly number[],
  plan?: PagePlan,
): string {
  const columns = names(table).map((name) => `t.${quoteIdentifier(name)}`);
  const bucket = bucketOf(table, buckets);
  const some =
    wanted.length === buckets ? "" : ` where ${bucket} = any ('{${wanted.join(",")}}'::int4[])`;
  return `select ${bucket}, ${keyText(table)}, ${columns.join(", ")} ${from(table, plan)}${some} order by 1, 2`;
}

/** Row of `tablesSql`. */
export interface TableRow {
  schema: string;
  name: string;
  kind: "r" | "p" | "f";
  unlogged: boolean;
  rows: number;
  columns: { name: string; type: string; number: number }[];
  /** Of the key that counts: numbers of its columns. */
  key: number[] | null;
}

/** Of the schema `n`: no server's own. */
export const ofProject = "n.nspname !~ '^pg_' and n.nspname <> 'information_schema'";

/** Of what is in pg_class: what an extension has brought belongs to the extension. */
export const notOfExtension = (relation: string): string => `not exists (
      select from pg_depend d
      where d.classid = 'pg_class'::regclass and d.objid = ${relation}.oid and d.deptype = 'e'
    )`;

/** Every table of the project's; what an extension has brought belongs to the extension, and partitions to their root. */
export const tablesSql = `
  select n.nspname as schema, c.relname as name, c.relkind as kind,
    c.relpersistence = 'u' as unlogged, c.reltuples::float8 as rows,
    coalesce((
      select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod),
        'number', a.attnum) order by a.attnum)
      from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    ), '[]') as columns,
    (
      select to_json(i.indkey::int2[])
      from pg_index i
      where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
        and i.indnatts = i.indnkeyatts
        and not exists (
          select from unnest(i.indkey::int2[]) k join pg_attribute a on a.attrelid = c.oid and a.attnum = k
          where not a.attnotnull
        )
      order by i.indisprimary desc, i.indnkeyatts, i.indkey::text
      limit 1
    ) as key
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'p', 'f') and not c.relispartition and c.relpersistence <> 't'
    and ${ofProject} and ${notOfExtension("c")}
  order by 1, 2`;
