import type { Client } from "pg";
import { ownSchema } from "../../../postgres/own-schema.ts";
import { quoteIdentifier, quoteQualified } from "../../../postgres/quote.ts";
import { isNotAllowed, makingLock } from "../../ledger/io/own-tables.ts";
import { type SizeRow, type TableSize, tableSizes } from "../table-size.ts";

const name = "production_tables";
const table = quoteQualified(ownSchema, name);

/**
 * Notes how large production's tables are in the database that is being made of it, so that whoever plans a migration on a
 * branch of it knows. Only sizes: no row of production.
 *
 * @returns false where the role may not note it
 */
export async function noteProductionSizes(production: Client, made: Client): Promise<boolean> {
  const { rows } = await production.query<SizeRow>(
    `select '"' || replace(n.nspname, '"', '""') || '"."' || replace(c.relname, '"', '""') || '"' as table,
       c.reltuples as rows, pg_catalog.pg_total_relation_size(c.oid) as bytes
     from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.relkind in ('r', 'm') and n.nspname not in ('pg_catalog', 'information_schema', $1) and n.nspname !~ '^pg_'`,
    [ownSchema],
  );
  try {
    await made.query(makeTable);
    await made.query(
      `insert into ${table} select * from json_populate_recordset(null::${table}, $1::json)`,
      [JSON.stringify(rows)],
    );
    return true;
  } catch (error) {
    if (!isNotAllowed(error)) throw error;
    return false;
  }
}

/** By the names that are asked for; empty where no refresh has noted any. */
export async function readProductionSizes(
  client: Client,
  tables: readonly string[],
): Promise<Map<string, TableSize>> {
  const { rows: there } = await client.query(
    `select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2 and pg_catalog.has_schema_privilege(n.oid, 'usage')
       and pg_catalog.has_table_privilege(c.oid, 'select')`,
    [ownSchema, name],
  );
  if (there.length === 0) return new Map();
  const { rows } = await client.query<SizeRow>(
    `select asked as table, noted.rows, noted.bytes from unnest($1::text[]) asked
     join ${table} noted on to_regclass(noted.table) = to_regclass(asked)`,
    [tables],
  );
  return tableSizes(rows);
}

/** One simple query is one transaction. */
const makeTable = `
  ${makingLock};
  create schema if not exists ${quoteIdentifier(ownSchema)};
  create table if not exists ${table} ("table" text primary key, rows float8 not null, bytes bigint not null);
  delete from ${table}`;
