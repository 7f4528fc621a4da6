import type { Client } from "pg";

export interface LoadTable {
  oid: number;
  name: string;
  queries: LoadQuery[];
}

export interface LoadQuery {
  kind: "read" | "write";
  sql: string;
}

/** Each takes four sessions or more of a small server's fifty. */
const mostTables = 8;
const mostPairs = 4;
/** Rows that writers choose from; far less than that wait for each other. */
const rowsUsed = 40;

interface Found {
  oid: number;
  name: string;
  /** Quoted, with its schema. */
  sql: string;
  /** Quoted name of a column that can be set to itself; undefined when there is none. */
  column: string | undefined;
  touched: boolean;
}

/** Ordinary tables of these names (`public` left out), and those tied to them by a foreign key. */
export async function findLoadTables(
  client: Client,
  touched: readonly string[],
): Promise<{ tables: LoadTable[]; leftOut: string[] }> {
  const { rows } = await client.query<Found>(
    `with named as (
       select c.oid, c.relkind, quote_ident(n.nspname) || '.' || quote_ident(c.relname) as sql,
         case n.nspname when 'public' then c.relname else n.nspname || '.' || c.relname end as name
       from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p') and n.nspname !~ '^pg_'
     ), tied as (
       select f.confrelid as oid from pg_catalog.pg_constraint f join named t on t.oid = f.conrelid
         where f.contype = 'f' and t.name = any($1)
       union
       select f.conrelid from pg_catalog.pg_constraint f join named t on t.oid = f.confrelid
         where f.contype = 'f' and t.name = any($1)
     )
     select t.oid::int8::float8 as oid, t.name, t.sql, t.name = any($1) as touched,
       (select quote_ident(a.attname) from pg_catalog.pg_attribute a
        where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
          and a.attgenerated = '' and a.attidentity <> 'a'
        order by exists (
          select from pg_catalog.pg_index i where i.indrelid = t.oid and a.attnum = any(i.indkey)
        ), a.attnum
        limit 1) as column
     from named t
     where (t.name = any($1) or t.oid in (select oid from tied))
       and has_table_privilege(t.oid, 'select, update')
     order by touched desc, t.name`,
    [touched],
  );
  const used = rows.slice(0, mostTables);
  const tables = used.map(({ oid, name, sql, column }) => ({
    oid,
    name,
    queries: [...reads(sql), ...(column === undefined ? [] : writes(sql, column))],
  }));
  await addPairs(client, used, tables);
  return { tables, leftOut: rows.slice(mostTables).map(({ name }) => name) };
}

const reads = (table: string): LoadQuery[] => [
  { kind: "read", sql: `select * from ${table} limit 20` },
  { kind: "read", sql: `select count(*) from (select from ${table} limit 100) rows` },
];

const writes = (table: string, column: string): LoadQuery[] => [
  { kind: "write", sql: update(table, column) },
  { kind: "write", sql: update(table, column) },
];

/**
 * A row becomes what it is. Never one that another writer has: these are not to wait for each other. The
 * table's own lock comes first, as in any UPDATE: a WITH would hold one already while it waits for that.
 */
const update = (table: string, column: string) =>
  `update ${table} set ${column} = ${column} where ctid = any(array(
     select ctid from ${table} limit 1 offset floor(random() * ${rowsUsed})::int for update skip locked))`;

/** Transactions that write a parent and then a child, as applications do: what deadlocks are made of. */
async function addPairs(client: Client, used: Found[], tables: LoadTable[]): Promise<void> {
  const { rows } = await client.query<{ child: number; parent: number }>(
    `select distinct conrelid::int8::float8 as child, confrelid::int8::float8 as parent
     from pg_catalog.pg_constraint
     where contype = 'f' and conrelid <> confrelid
       and conrelid = any($1::oid[]) and confrelid = any($1::oid[])
     order by 1, 2 limit ${mostPairs}`,
    [used.map(({ oid }) => oid)],
  );
  for (const { child, parent } of rows) {
    const first = used.find(({ oid }) => oid === parent);
    const second = used.find(({ oid }) => oid === child);
    if (first?.column === undefined || second?.column === undefined) continue;
    const sql = [
      "begin",
      update(first.sql, first.column),
      update(second.sql, second.column),
      "commit",
    ].join(";\n");
    tables.find(({ oid }) => oid === child)?.queries.push({ kind: "write", sql });
  }
}
