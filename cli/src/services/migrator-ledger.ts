import type { Client } from "pg";
import type { FolderFormat, LedgerRow, Migration } from "../core/migrations.ts";

/** Where the ledger is; Drizzle's default is `drizzle.__drizzle_migrations`. */
export interface LedgerName {
  schema: string;
  table: string;
}

export interface Ledger {
  exists: boolean;
  /** The table has the columns of Drizzle 1.x: `name` and `applied_at`. */
  named: boolean;
  rows: LedgerRow[];
}

const undefinedTable = "42P01";

export async function readLedger(client: Client, ledger: LedgerName): Promise<Ledger> {
  try {
    const { fields, rows } = await client.query(`select * from ${qualified(ledger)} order by id`);
    return {
      exists: true,
      named: fields.some(({ name }) => name === "name"),
      rows: rows.map((row: { hash: string; created_at: string | null; name?: string | null }) => ({
        hash: row.hash,
        createdAt: row.created_at === null ? undefined : Number(row.created_at),
        name: row.name ?? undefined,
      })),
    };
  } catch (error) {
    if ((error as { code?: string }).code !== undefinedTable) throw error;
    return { exists: false, named: false, rows: [] };
  }
}

/** The table as the Drizzle of the folder's format makes it (drizzle-orm 0.45.4, 1.0.0-rc.5). */
export async function createLedger(
  client: Client,
  ledger: LedgerName,
  format: FolderFormat,
): Promise<void> {
  const named =
    format === "v1" ? ", name text, applied_at timestamp with time zone default now()" : "";
  // One simple query is one transaction: the schema does not stay behind alone.
  await client.query(
    `create schema if not exists ${quoted(ledger.schema)};
     create table if not exists ${qualified(ledger)} (
       id serial primary key, hash text not null, created_at bigint${named}
     )`,
  );
}

/** Applied at: the column's default, the moment of the transaction. */
export async function recordMigration(
  client: Client,
  ledger: LedgerName,
  named: boolean,
  migration: Migration,
): Promise<void> {
  const { hash, when, ledgerName } = migration;
  if (named) {
    await client.query(
      `insert into ${qualified(ledger)} (hash, created_at, name) values ($1, $2, $3)`,
      [hash, when, ledgerName],
    );
  } else {
    await client.query(`insert into ${qualified(ledger)} (hash, created_at) values ($1, $2)`, [
      hash,
      when,
    ]);
  }
}

/** Also where two processes of Drizzle wrote it twice. */
export async function deleteRow(client: Client, ledger: LedgerName, row: LedgerRow): Promise<void> {
  await client.query(`delete from ${qualified(ledger)} where ${isRow}`, [row.hash, row.createdAt]);
}

export async function replaceHash(
  client: Client,
  ledger: LedgerName,
  row: LedgerRow,
  hash: string,
): Promise<void> {
  await client.query(`update ${qualified(ledger)} set hash = $3 where ${isRow}`, [
    row.hash,
    row.createdAt,
    hash,
  ]);
}

const isRow = "hash = $1 and created_at is not distinct from $2";

export function qualified({ schema, table }: LedgerName): string {
  return `${quoted(schema)}.${quoted(table)}`;
}

export function quoted(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`;
}
