import type { Client } from "pg";
import { quoteIdentifier, quoteQualified } from "../../../src/postgres/quote.ts";
import { firstNumber, markOf } from "./marked-values.ts";

/**
 * What a copy of one tenant has in it, asked of its rows alone: it knows nothing of rules, plans and masks.
 */
export interface Verdict {
  /** Columns in which other tenants' values are, keys included: `users.email: 3 rows`. */
  foreign: string[];
  /** Columns, without keys and references, in which anybody's marked values are. */
  marked: string[];
  /** Columns with words that are as in production, and have no mark in them: for a person to judge. */
  kept: string[];
  /** Foreign keys without a parent, and rows that a check constraint forbids. */
  broken: string[];
  /** References that no foreign key declares, and that lead nowhere any more. */
  unjoined: string[];
  /** Rows by table. */
  rows: Map<string, number>;
}

interface Column {
  schema: string;
  table: string;
  name: string;
  type: string;
  /** Of a primary key or a foreign key. */
  isKey: boolean;
  isNumber: boolean;
}

/** What is known of the copy: which tenant it is of, of which ones, and by which columns tables name them. */
export interface Examined {
  tenant: number;
  tenants: readonly number[];
  tenantColumns: readonly string[];
  /** `notes.project_id` -> `projects.id`: production's lead to a row, each of them. */
  softReferences: Readonly<Record<string, string>>;
}

export async function examine(
  copy: Client,
  production: Client,
  { tenant, tenants, tenantColumns, softReferences }: Examined,
): Promise<Verdict> {
  const others = tenants.filter((each) => each !== tenant);
  const verdict: Verdict = {
    foreign: [],
    marked: [],
    kept: [],
    broken: [],
    unjoined: [],
    rows: new Map(),
  };
  const names = new Map<string, string>();
  for (const found of await tablesOf(copy)) {
    const [{ schema, table }] = found;
    const columns = found.map((column) => ({
      ...column,
      // What leads to a key has its value, whether a foreign key says so or not.
      isKey:
        column.isKey ||
        tenantColumns.includes(column.name) ||
        `${table}.${column.name}` in softReferences,
    }));
    const name = quoteQualified(schema, table);
    names.set(table, name);
    const counts = columns.flatMap((column) => [
      `count(*) filter (where ${isOf(column, others)})::int`,
      `count(*) filter (where ${textOf(column)} ~* '${markOf([0, ...tenants])}')::int`,
    ]);
    const { rows } = await copy.query<number[]>({
      text: `select count(*)::int, ${counts.join(", ")} from ${name}`,
      rowMode: "array",
    });
    const [all = 0, ...answers] = rows[0] ?? [];
    verdict.rows.set(table, all);
    for (const [at, column] of columns.entries()) {
      const place = `${table}.${column.name} ${column.type}`;
      const [foreign = 0, marked = 0] = answers.slice(at * 2);
      if (foreign > 0) verdict.foreign.push(`${place}: ${foreign} of ${all} rows`);
      if (marked > 0 && hasWords(column)) verdict.marked.push(`${place}: ${marked} of ${all} rows`);
      if (marked === 0 && hasWords(column)) {
        const same = await sameValues(copy, production, column);
        if (same > 0) verdict.kept.push(`${place}: ${same} different`);
      }
    }
  }
  verdict.broken = await brokenConstraints(copy);
  verdict.unjoined = await unjoined(copy, softReferences, names);
  return verdict;
}

async function unjoined(
  copy: Client,
  references: Readonly<Record<string, string>>,
  names: ReadonlyMap<string, string>,
): Promise<string[]> {
  const found: string[] = [];
  for (const [from, to] of Object.entries(references)) {
    const [child = "", column = ""] = from.split(".");
    const [parent = "", key = ""] = to.split(".");
    const { rows } = await copy.query<{ all: number; lost: number }>(
      `select count(*)::int as all, count(*) filter (where not exists
         (select from ${names.get(parent)} p where p.${quoteIdentifier(key)} = c.${quoteIdentifier(column)}))::int as lost
       from ${names.get(child)} c where c.${quoteIdentifier(column)} is not null`,
    );
    const [{ all, lost } = { all: 0, lost: 0 }] = rows;
    if (lost > 0) found.push(`${from} -> ${to}: ${lost} of ${all}`);
  }
  return found;
}

/** Numbers and UUIDs are ids, where they are no words; keys stay as they are. */
const hasWords = ({ type, isKey }: Column) =>
  !isKey &&
  !type.startsWith("uuid") &&
  /^(text|character|citext|public\.citext|json|bytea|xml|inet)|\[\]$/.test(type);

const textOf = ({ name, type }: Column) =>
  type === "bytea"
    ? `encode(${quoteIdentifier(name)}, 'escape')`
    : `${quoteIdentifier(name)}::text`;

function isOf(column: Column, others: readonly number[]): string {
  if (others.length === 0) return "false";
  if (!column.isNumber) return `${textOf(column)} ~* '${markOf(others)}'`;
  if (!column.isKey) return "false";
  const ranges = others.map(
    (other) =>
      `${quoteIdentifier(column.name)} >= ${firstNumber(other)} and ${quoteIdentifier(column.name)} < ${firstNumber(other + 1)}`,
  );
  return `(${ranges.join(" or ")})`;
}

async function tablesOf(client: Client): Promise<[Column, ...Column[]][]> {
  const { rows } = await client.query<Column>(`
    select n.nspname as schema, c.relname as table, a.attname as name, format_type(a.atttypid, null) as type,
      exists (select from pg_constraint k where k.conrelid = c.oid and k.contype in ('p', 'f') and a.attnum = any (k.conkey)) as "isKey",
      format_type(a.atttypid, null) in ('smallint', 'integer', 'bigint') as "isNumber"
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    where c.relkind in ('r', 'p') and not c.relispartition and a.attnum > 0 and not a.attisdropped
      and n.nspname !~ '^(pg_|information_schema|__ds)'
      and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
    order by n.nspname, c.relname, a.attnum`);
  const tables = new Map<string, [Column, ...Column[]]>();
  for (const row of rows) {
    const key = `${row.schema}.${row.table}`;
    const columns = tables.get(key);
    if (columns) columns.push(row);
    else tables.set(key, [row]);
  }
  return [...tables.values()];
}

/** How many different values of the copy's column production's has, too. */
async function sameValues(copy: Client, production: Client, column: Column): Promise<number> {
  const from = quoteQualified(column.schema, column.table);
  const sql = `select distinct ${textOf(column)} as v from ${from} where ${textOf(column)} not in ('', '{}', '[]', 'null')`;
  const values = async (client: Client) =>
    (await client.query<{ v: string }>(sql)).rows.map(({ v }) => v);
  const there = new Set(await values(production));
  return (await values(copy)).filter((value) => there.has(value)).length;
}

async function brokenConstraints(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string; sql: string }>(`
    select k.conrelid::regclass || ' ' || k.conname as name,
      case k.contype when 'c' then format('select from only %s where not (%s)', k.conrelid::regclass, pg_get_expr(k.conbin, k.conrelid))
      else format('select from %s c where %s and not exists (select from %s p where %s)', k.conrelid::regclass,
        (select string_agg(format('c.%I is not null', a.attname), ' and ') from pg_attribute a where a.attrelid = k.conrelid and a.attnum = any (k.conkey)),
        k.confrelid::regclass,
        (select string_agg(format('c.%I = p.%I', a.attname, b.attname), ' and ') from unnest(k.conkey, k.confkey) u(one, other)
          join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.one
          join pg_attribute b on b.attrelid = k.confrelid and b.attnum = u.other)) end as sql
    from pg_constraint k where k.contype in ('c', 'f') and k.conrelid <> 0 and k.conparentid = 0
      and k.connamespace::regnamespace::text !~ '^(pg_|information_schema)'`);
  const broken: string[] = [];
  for (const { name, sql } of rows) {
    const found = await client.query(sql);
    if (found.rowCount !== 0) broken.push(`${name}: ${found.rowCount} rows`);
  }
  return broken;
}
