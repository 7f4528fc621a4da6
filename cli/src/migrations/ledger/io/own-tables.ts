import type { Client } from "pg";
import { codeOf } from "../../../errors/code-of.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { formerTables, ownSchema, ownTables } from "../../../postgres/own-schema.ts";
import { quoteIdentifier, quoteLiteral, quoteQualified } from "../../../postgres/quote.ts";
import { sqlState } from "../../../postgres/sqlstate.ts";

export type OwnTable = keyof typeof ownTables;

export const ownTable = (table: OwnTable): string => quoteQualified(ownSchema, ownTables[table]);
export const formerTable = (table: OwnTable, ledgerSchema: string): string =>
  quoteQualified(ledgerSchema, formerTables[table]);

/** Which of the tables are there and may be read: our own, and those that an earlier version has left. */
export async function readableTables(
  client: Client,
  table: OwnTable,
  ledgerSchema: string,
): Promise<{ own: boolean; former: boolean }> {
  const { rows } = await client.query<{ schema: string }>(
    `select n.nspname as schema from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and (n.nspname, c.relname) in (($1, $2), ($3, $4))
       and pg_catalog.has_schema_privilege(n.oid, 'usage') and pg_catalog.has_table_privilege(c.oid, 'select')`,
    [ownSchema, ownTables[table], ledgerSchema, formerTables[table]],
  );
  const has = (schema: string) => rows.some((row) => row.schema === schema);
  return { own: has(ownSchema), former: has(ledgerSchema) };
}

/** First half of the two-part advisory key, "ds"; the second is no ledger's, which are hashes of names. */
export const makingLock = "select pg_catalog.pg_advisory_xact_lock(25715, 0)";

/** Two sessions may come to it at once, and `if not exists` is no help against that. */
const makeTables = `
  ${makingLock};
  create schema if not exists ${quoteIdentifier(ownSchema)};
  create table if not exists ${ownTable("runs")} (
    branch_id text not null, began timestamp with time zone not null
  );
  create table if not exists ${ownTable("steps")} (
    ledger_schema text not null, migration text not null, step int not null, hash text not null,
    done boolean not null, seen text[] not null,
    at timestamp with time zone not null default pg_catalog.clock_timestamp(),
    primary key (ledger_schema, migration, step)
  )`;

/** What is moved out of a former table, in one transaction with its deletion there. */
const moving: Record<OwnTable, (ledgerSchema: string) => string> = {
  runs: (schema) => `
    insert into ${ownTable("runs")} (branch_id, began) select branch_id, began from ${formerTable("runs", schema)};
    delete from ${formerTable("runs", schema)}`,
  steps: (schema) => `
    insert into ${ownTable("steps")} (ledger_schema, migration, step, hash, done, seen, at)
      select ${quoteLiteral(schema)}, migration, step, hash, done, seen, at from ${formerTable("steps", schema)}
      on conflict do nothing;
    delete from ${formerTable("steps", schema)}`,
};

/**
 * Makes our tables, and moves into them what an earlier version noted beside the ledger. Killed at any moment,
 * each note is in one of the two places, and both are read. Refuses where the role may not make the schema.
 */
export async function openOwnTables(client: Client, ledgerSchema: string): Promise<void> {
  const found = {
    runs: await readableTables(client, "runs", ledgerSchema),
    steps: await readableTables(client, "steps", ledgerSchema),
  };
  if (!found.runs.own || !found.steps.own) {
    await client.query(makeTables).catch((error: unknown) => {
      throw codeOf(error) === sqlState.insufficientPrivilege ? mayNotMake(error as Error) : error;
    });
  }
  for (const table of ["runs", "steps"] as const) {
    if (!found[table].former) continue;
    // One simple query is one transaction.
    await client.query(moving[table](ledgerSchema));
    await dropFormer(client, formerTable(table, ledgerSchema));
  }
}

/** Moves what an earlier version has left, where the role may; where nothing was left, nothing is made. */
export async function adoptFormerTables(client: Client, ledgerSchema: string): Promise<void> {
  const [runs, steps] = [
    await readableTables(client, "runs", ledgerSchema),
    await readableTables(client, "steps", ledgerSchema),
  ];
  if (!runs.former && !steps.former) return;
  await openOwnTables(client, ledgerSchema).catch((error: unknown) => {
    if (!isNotAllowed(error)) throw error;
  });
}

/** The role may not make our tables, or not write to them. */
export function isNotAllowed(error: unknown): boolean {
  const isRefused = error instanceof DsError && error.reason === "OWN_SCHEMA_REFUSED";
  return isRefused || codeOf(error) === sqlState.insufficientPrivilege;
}

/** It is empty. Where somebody reads it (a dump that is under way), or it is not ours to drop, it stays. */
async function dropFormer(client: Client, table: string): Promise<void> {
  try {
    await client.query(
      `set lock_timeout = '1s'; drop table if exists ${table}; reset lock_timeout`,
    );
  } catch (error) {
    const code = codeOf(error) ?? "";
    const isHarmless = [sqlState.lockNotAvailable, sqlState.insufficientPrivilege] as string[];
    if (!isHarmless.includes(code)) throw error;
  }
}

function mayNotMake(cause: Error): DsError {
  return new DsError(
    "UPSTREAM",
    `the role may not make the schema ${ownSchema}, in which ds notes how far a migration of several steps has come`,
    {
      reason: "OWN_SCHEMA_REFUSED",
      hint: `As the database's owner: create schema ${ownSchema} authorization <the role>`,
      cause,
    },
  );
}
