import type { Client, QueryResult } from "pg";
import { codeOf } from "../../../errors/code-of.ts";
import { quoteIdentifier, quoteLiteral, quoteQualified } from "../../../postgres/quote.ts";
import { sqlState } from "../../../postgres/sqlstate.ts";
import { noLedger } from "../../failure/ledger-failure.ts";
import type { FolderFormat, Migration } from "../../folder/migration.ts";
import type { LedgerRow } from "../compare.ts";
import type { LedgerName } from "../ledger-name.ts";

export interface Ledger {
  exists: boolean;
  /** The table has the columns of Drizzle 1.x: `name` and `applied_at`. */
  named: boolean;
  rows: LedgerRow[];
}

interface StoredRow {
  hash: string | null;
  created_at: string | null;
  /** Drizzle 1.x. */
  name?: string | null;
}

type LedgerAnswer = { fields: { name: string }[]; rows: StoredRow[] };

/** @param patience milliseconds to wait for whoever has locked the table; default: as the session is set */
export async function readLedger(
  client: Client,
  ledger: LedgerName,
  patience?: number,
): Promise<Ledger> {
  try {
    const limit = patience === undefined ? "" : `set lock_timeout = ${patience}; `;
    const answer = await client.query(`${limit}${ledgerText(ledger)}`);
    // One result for each statement, where there are several.
    return ledgerFrom([answer].flat().at(-1) as QueryResult<StoredRow>, ledger);
  } catch (error) {
    const code = codeOf(error);
    if (code === sqlState.undefinedColumn) throw noLedger(shownLedger(ledger), "id");
    if (code !== sqlState.undefinedTable) throw error;
    return { exists: false, named: false, rows: [] };
  }
}

export function ledgerText(ledger: LedgerName): string {
  return `select * from ${qualified(ledger)} order by id`;
}

/** The ledger from the answer to that query. */
export function ledgerFrom({ fields, rows }: LedgerAnswer, ledger: LedgerName): Ledger {
  const columns = fields.map(({ name }) => name);
  const missing = ["hash", "created_at"].find((column) => !columns.includes(column));
  if (missing !== undefined) throw noLedger(shownLedger(ledger), missing);
  return {
    exists: true,
    named: columns.includes("name"),
    rows: rows.map(({ hash, created_at: createdAt, name }) => ({
      hash: hash ?? undefined,
      createdAt: createdAt === null ? undefined : Number(createdAt),
      name: name ?? undefined,
    })),
  };
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
    `create schema if not exists ${quoteIdentifier(ledger.schema)};
     create table if not exists ${qualified(ledger)} (
       id serial primary key, hash text not null, created_at bigint${named}
     )`,
  );
}

/** Writes a migration into the ledger. Applied at: the column's default, the moment of the transaction. */
export function recordText(
  ledger: LedgerName,
  named: boolean,
  { hash, when, ledgerName }: Migration,
): string {
  const values = [quoteLiteral(hash), when];
  if (named) values.push(quoteLiteral(ledgerName));
  const columns = `hash, created_at${named ? ", name" : ""}`;
  return `insert into ${qualified(ledger)} (${columns}) values (${values.join(", ")})`;
}

/** Also where two processes of Drizzle wrote it twice. */
export function deleteText(ledger: LedgerName, row: LedgerRow): string {
  return `delete from ${qualified(ledger)} where ${isRow(row)}`;
}

export function rehashText(ledger: LedgerName, row: LedgerRow, hash: string): string {
  return `update ${qualified(ledger)} set hash = ${quoteLiteral(hash)} where ${isRow(row)}`;
}

function isRow({ hash, createdAt }: LedgerRow): string {
  const value = hash === undefined ? "null" : quoteLiteral(hash);
  return `hash is not distinct from ${value} and created_at is not distinct from ${createdAt ?? "null"}`;
}

/** For messages. */
export const shownLedger = ({ schema, table }: LedgerName): string => `${schema}.${table}`;

export function qualified({ schema, table }: LedgerName): string {
  return quoteQualified(schema, table);
}
