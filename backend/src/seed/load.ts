import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Client, DatabaseError } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { copyChunks } from "./copy-text.ts";
import { layOut, type OrganizationLayout } from "./layout.ts";
import { PLANS, TABLES, type TableData } from "./rows.ts";
import { countRows } from "./size.ts";

export interface LoadOptions {
  /** Rows to make, all tables together. */
  rows: number;
  /** Where the ids of every table begin. */
  firstId: number;
  /** Empty the tables first instead of refusing when they hold rows. */
  replace: boolean;
  /** How long to wait for sessions that use the tables. */
  lockTimeoutMs?: number;
  /** Hears one short line at a time. */
  onProgress: (line: string) => void;
}

export interface LoadedTable {
  name: string;
  rows: number;
  /** Disk space of the table with its indexes, in bytes. */
  bytes: number;
}

const TABLE_LIST = TABLES.map((table) => table.name).join(", ");
/** Postgres error class 55, "object not in prerequisite state". */
const LOCK_NOT_AVAILABLE = "55P03";
const PROGRESS_EVERY_MS = 5_000;

/**
 * Fills the tables, in one transaction: afterwards either all rows are there or the database is as
 * it was. @throws Error with a sentence for the user when the tables are missing or hold rows.
 */
export async function loadSeed(client: Client, options: LoadOptions): Promise<LoadedTable[]> {
  const organizations = layOut(countRows(options.rows, PLANS.length), options.firstId);
  await client.query("BEGIN");
  try {
    await requireTables(client);
    await lockTables(client, options.lockTimeoutMs ?? 10_000);
    if (!options.replace) await requireEmptyTables(client);
    // Even empty tables: only rows copied into a table truncated in the same transaction can be
    // frozen, and frozen rows spare every later branch from rewriting their pages.
    await client.query(`TRUNCATE ${TABLE_LIST} RESTART IDENTITY`);
    const enforceAgain = await suspendForeignKeys(client);
    const loaded: LoadedTable[] = [];
    for (const table of TABLES) {
      const rows = await copyTable(client, table, organizations, options.onProgress);
      loaded.push({ name: table.name, rows, bytes: 0 });
    }
    options.onProgress("checking references");
    await enforceAgain();
    await client.query(`ANALYZE ${TABLE_LIST}`);
    for (const table of loaded) table.bytes = await diskSpace(client, table.name);
    await client.query("COMMIT");
    return loaded;
  } catch (error) {
    // The connection may be what failed; the first error is the one to report.
    await client.query("ROLLBACK").catch(() => undefined);
    throw error;
  }
}

async function requireTables(client: Client): Promise<void> {
  const missing: string[] = [];
  for (const { name } of TABLES) {
    const found = await client.query("SELECT to_regclass($1) AS id", [name]);
    if (found.rows[0].id === null) missing.push(name);
  }
  if (missing.length > 0) {
    throw new Error(
      `The database has no table ${missing.join(", ")}: apply the migrations first (ds db migrate). Nothing was changed.`,
    );
  }
}

async function lockTables(client: Client, timeoutMs: number): Promise<void> {
  await client.query("SELECT set_config('lock_timeout', $1, true)", [`${timeoutMs}ms`]);
  try {
    await client.query(`LOCK TABLE ${TABLE_LIST} IN ACCESS EXCLUSIVE MODE`);
  } catch (error) {
    if (!(error instanceof DatabaseError && error.code === LOCK_NOT_AVAILABLE)) throw error;
    throw new Error(
      `Other sessions have been using the tables for ${timeoutMs / 1000} s. Nothing was changed; close them and try again.`,
    );
  }
}

async function requireEmptyTables(client: Client): Promise<void> {
  for (const { name } of TABLES) {
    const found = await client.query(`SELECT 1 FROM ${name} LIMIT 1`);
    if (found.rows.length > 0) {
      throw new Error(
        `Table ${name} already holds rows. Nothing was changed; --replace deletes them and loads the staging data.`,
      );
    }
  }
}

/**
 * Stops checking foreign keys row by row; the returned function checks them all at once, which is
 * much faster, and fails when one is violated. Before version 18 Postgres cannot: nothing happens.
 */
async function suspendForeignKeys(client: Client): Promise<() => Promise<void>> {
  const keys = await client.query<{ table: string; name: string }>(
    `SELECT conrelid::regclass::text AS "table", quote_ident(conname) AS name FROM pg_constraint
     WHERE contype = 'f' AND conrelid = ANY ($1::regclass[]) AND current_setting('server_version_num')::int >= 180000
     ORDER BY 1, 2`,
    [TABLES.map((table) => table.name)],
  );
  for (const { table, name } of keys.rows) {
    await client.query(`ALTER TABLE ${table} ALTER CONSTRAINT ${name} NOT ENFORCED`);
  }
  return async () => {
    for (const { table, name } of keys.rows) {
      await client.query(`ALTER TABLE ${table} ALTER CONSTRAINT ${name} ENFORCED`);
    }
  };
}

/** Returns the number of rows copied. */
async function copyTable(
  client: Client,
  { name, columns, hasIdentity, rows }: TableData,
  organizations: OrganizationLayout[],
  onProgress: LoadOptions["onProgress"],
): Promise<number> {
  const started = Date.now();
  let copied = 0;
  let lastReport = started;
  const report = (count: number) => {
    copied += count;
    if (Date.now() - lastReport < PROGRESS_EVERY_MS) return;
    lastReport = Date.now();
    onProgress(`${name}: ${copied.toLocaleString("en")} rows so far`);
  };
  const copy = copyFrom(`COPY ${name} (${columns.join(", ")}) FROM STDIN WITH (FREEZE)`);
  await pipeline(Readable.from(copyChunks(rows(organizations), report)), client.query(copy));
  if (hasIdentity) {
    await client.query(
      `SELECT setval(pg_get_serial_sequence('${name}', 'id'), max(id)) FROM ${name}`,
    );
  }
  onProgress(
    `${name}: ${copied.toLocaleString("en")} rows in ${((Date.now() - started) / 1000).toFixed(1)} s`,
  );
  return copied;
}

async function diskSpace(client: Client, table: string): Promise<number> {
  const found = await client.query("SELECT pg_total_relation_size($1::regclass) AS bytes", [table]);
  return Number(found.rows[0].bytes);
}
