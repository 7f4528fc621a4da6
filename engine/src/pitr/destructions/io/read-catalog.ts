import type pg from "pg";
import { type AdminAddress, asAdmin, quoteIdentifier } from "../../../postgres/io/admin.ts";
import type { RowCount } from "../destruction.ts";
import type { LoggedTransaction, RowFile } from "../log-summary.ts";
import type { CatalogBefore, TableBefore } from "../losses.ts";
import type { CatalogFiles } from "./read-log.ts";

/** Runs SQL in a database of one server. */
export type Ask = <T>(database: string, work: (client: pg.Client) => Promise<T>) => Promise<T>;

export const askAt =
  (address: AdminAddress): Ask =>
  (database, work) =>
    asAdmin(address, database, work);

interface Database {
  oid: string;
  name: string;
}

/** Those that can be looked into. */
export async function databasesOf(ask: Ask): Promise<Database[]> {
  return ask("postgres", async (client) => {
    const { rows } = await client.query<Database>(
      `select oid::text, datname::text as name from pg_database
       where datallowconn and datconnlimit <> -2 and not datistemplate order by oid`,
    );
    return rows;
  });
}

/** Where the catalogues are that tell of columns and schemas. */
export async function catalogFiles(
  ask: Ask,
  databases: readonly Database[],
): Promise<CatalogFiles> {
  const files: CatalogFiles = { columns: [], schemas: [] };
  for (const { oid, name } of databases) {
    const found = await ask(name, async (client) => {
      const { rows } = await client.query<{ columns: string; schemas: string }>(
        `select path || pg_relation_filenode('pg_attribute') as columns,
           path || pg_relation_filenode('pg_namespace') as schemas
         from (select dattablespace || '/' || oid || '/' as path from pg_database where oid = $1) database`,
        [oid],
      );
      return rows[0];
    });
    if (found === undefined) continue;
    files.columns.push(found.columns);
    files.schemas.push(found.schemas);
  }
  return files;
}

/** Tables of a database that are not Postgres' own; partitioned ones have no file. */
export async function tablesOf(client: pg.Client, { oid, name }: Database): Promise<TableBefore[]> {
  const { rows } = await client.query<TableBefore>(
    `select $1 || '/' || c.oid as id, $2 as database, n.nspname::text as schema, c.relname::text as table,
       $1 || '/' || pg_relation_filenode(c.oid) as file
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'p') and c.relpersistence <> 't'
       and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast')
     order by n.nspname, c.relname`,
    [oid, name],
  );
  return rows;
}

/** Nobody waits longer for numbers of rows: tables that come after have none. */
const countingMs = 10_000;
const mostCounted = 1_000_000;

/**
 * What the databases of a server hold that the transactions may have touched. The server is one of before them: places
 * of rows in catalogues are those that the log names.
 */
export async function readCatalogBefore(
  ask: Ask,
  transactions: readonly LoggedTransaction[],
): Promise<CatalogBefore> {
  const databases = await databasesOf(ask);
  const all = {
    databases: new Map(databases.map(({ oid, name }) => [oid, name])),
    tables: [] as TableBefore[],
    relations: new Set<string>(),
    schemas: new Map<string, string>(),
    columns: new Map<string, { table: string; column: string }>(),
    counts: new Map<string, RowCount>(),
  };
  const deadline = Date.now() + countingMs;
  for (const database of databases) {
    await ask(database.name, async (client) => {
      const tables = await tablesOf(client, database);
      all.tables.push(...tables);
      const found = await readPlaces(client, database.oid, transactions);
      for (const id of found.relations) all.relations.add(id);
      for (const [place, name] of found.schemas) all.schemas.set(place, name);
      for (const [place, column] of found.columns) all.columns.set(place, column);
      const columnTables = new Set(found.columns.map(([, { table }]) => table));
      for (const [table, limit] of toCount(tables, transactions, columnTables)) {
        const count =
          Date.now() < deadline ? await countRows(client, table, limit) : { rows: null };
        all.counts.set(table.id, count);
      }
    });
  }
  return all;
}

async function readPlaces(
  client: pg.Client,
  oid: string,
  transactions: readonly LoggedTransaction[],
): Promise<{
  relations: string[];
  schemas: [string, string][];
  columns: [string, { table: string; column: string }][];
}> {
  const here = (ids: string[]) =>
    ids.flatMap((id) => (id.startsWith(`${oid}/`) ? [id.slice(oid.length + 1)] : []));
  const places = (kind: "schemas" | "columns") =>
    transactions.flatMap((each) =>
      each[kind].flatMap(({ database, place }) => (database === oid ? [place] : [])),
    );
  const relations = await client.query<{ id: string }>(
    "select oid::text as id from pg_class where oid = any($1::oid[])",
    [here(transactions.flatMap((each) => each.relations))],
  );
  const schemas = await client.query<{ place: string; name: string }>(
    `select ctid::text as place, nspname::text as name from pg_namespace
     where ctid = any($1::tid[]) and nspname !~ '^pg_'`,
    [places("schemas")],
  );
  const columns = await client.query<{ place: string; table: string; column: string }>(
    `select ctid::text as place, attrelid::text as table, attname::text as column from pg_attribute
     where ctid = any($1::tid[]) and attnum > 0 and not attisdropped`,
    [places("columns")],
  );
  return {
    relations: relations.rows.map(({ id }) => `${oid}/${id}`),
    schemas: schemas.rows.map(({ place, name }) => [`${oid} ${place}`, name]),
    columns: columns.rows.map(({ place, table, column }) => [
      `${oid} ${place}`,
      { table: `${oid}/${table}`, column },
    ]),
  };
}

/** Tables whose number of rows matters, and how far to count. */
function toCount(
  tables: readonly TableBefore[],
  transactions: readonly LoggedTransaction[],
  withColumns: ReadonlySet<string>,
): [TableBefore, number][] {
  const gone = new Set(transactions.flatMap(({ relations, files }) => [...relations, ...files]));
  const changed = new Map<RowFile, number>();
  for (const { rows } of transactions) {
    for (const [file, { deleted, updated }] of rows) {
      changed.set(file, Math.max(changed.get(file) ?? 0, deleted, updated));
    }
  }
  return tables.flatMap((table) => {
    if (table.file === null) return [];
    const isGone = gone.has(table.id) || gone.has(table.file) || withColumns.has(table.id);
    const most = Math.max(isGone ? mostCounted : 0, changed.get(table.file) ?? 0);
    return most > 0 ? [[table, most]] : [];
  });
}

/** Counts no further than the limit; `atLeast`: there are more. */
export async function countRows(
  client: pg.Client,
  { schema, table }: Pick<TableBefore, "schema" | "table">,
  limit: number,
): Promise<RowCount> {
  const name = `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;
  const { rows } = await client.query<{ count: string }>(
    `select count(*) from (select from only ${name} limit $1) counted`,
    [limit + 1],
  );
  const count = Number(rows[0]?.count);
  return count > limit ? { rows: limit, atLeast: true } : { rows: count };
}

/** Of these tables, those whose rows are in a file that one of these relations was made with; by their ids. */
export async function tablesInFiles(
  ask: Ask,
  tables: readonly TableBefore[],
  relations: readonly string[],
): Promise<Set<string>> {
  const found = new Set<string>();
  for (const database of await databasesOf(ask)) {
    const own = tables.filter((table) => table.database === database.name);
    if (own.length === 0) continue;
    await ask(database.name, async (client) => {
      for (const { id, file } of await tablesOf(client, database)) {
        if (file !== null && relations.includes(file) && own.some((table) => table.id === id)) {
          found.add(id);
        }
      }
    });
  }
  return found;
}
