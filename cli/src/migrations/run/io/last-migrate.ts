import type { Client } from "pg";
import { codeOf } from "../../../errors/code-of.ts";
import { quoteIdentifier, quoteQualified } from "../../../postgres/quote.ts";
import { sqlState } from "../../../postgres/sqlstate.ts";

/**
 * When each `ds db migrate` of a branch began, in a table beside the ledger that Drizzle ignores: so
 * that `ds db undo` knows the moment before it on every machine. It is a part of the data, so a branch
 * that went back to an earlier moment has no note of a migrate that has not happened to it.
 */
const table = "__ds_migrate_runs";

/**
 * Does nothing on a server that does not say which branch it serves, nor for a role that may not write
 * there: there is no undo then, which is no reason not to migrate.
 */
export async function noteMigrate(client: Client, schema: string): Promise<void> {
  try {
    await note(client, schema);
  } catch (error) {
    if (codeOf(error) !== sqlState.insufficientPrivilege) throw error;
  }
}

async function note(client: Client, schema: string): Promise<void> {
  const { rows } = await client.query<{ began: string; branch: string | null }>(
    "select clock_timestamp()::text as began, current_setting('neon.branch_id', true) as branch",
  );
  const [now] = rows;
  if (!now?.branch) return;
  await client.query(
    `create schema if not exists ${quoteIdentifier(schema)};
     create table if not exists ${quoteQualified(schema, table)} (
       branch_id text not null, began timestamp with time zone not null
     )`,
  );
  await client.query(`insert into ${quoteQualified(schema, table)} values ($1, $2)`, [
    now.branch,
    now.began,
  ]);
}

/** When the branch's last migrate began, ISO 8601 with microseconds; notes of others are copies. */
export async function lastMigrate(
  client: Client,
  schema: string,
  branchId: string,
): Promise<string | undefined> {
  try {
    const { rows } = await client.query<{ began: string | null }>(
      `select to_char(max(began) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as began
       from ${quoteQualified(schema, table)} where branch_id = $1`,
      [branchId],
    );
    return rows[0]?.began ?? undefined;
  } catch (error) {
    if (missing.includes(codeOf(error))) return undefined;
    throw error;
  }
}

/** No table, no schema, or no right to look into it. */
const missing: readonly (string | undefined)[] = [
  sqlState.undefinedTable,
  sqlState.invalidSchemaName,
  sqlState.insufficientPrivilege,
];
