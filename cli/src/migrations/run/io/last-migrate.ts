import type { Client } from "pg";
import {
  formerTable,
  isNotAllowed,
  openOwnTables,
  ownTable,
  readableTables,
} from "../../ledger/io/own-tables.ts";

/**
 * When each `ds db migrate` of a branch began: so that `ds db undo` knows the moment before it on every machine. It is
 * a part of the data, so a branch that went back to an earlier moment has no note of a migrate that has not happened
 * to it. Does nothing on a server that does not say which branch it serves, nor for a role that may not write
 * there: there is no undo then, which is no reason not to migrate.
 *
 * @param ledgerSchema where an earlier version noted it
 */
export async function noteMigrate(client: Client, ledgerSchema: string): Promise<void> {
  try {
    await note(client, ledgerSchema);
  } catch (error) {
    if (!isNotAllowed(error)) throw error;
  }
}

async function note(client: Client, ledgerSchema: string): Promise<void> {
  const { rows } = await client.query<{ began: string; branch: string | null }>(
    "select clock_timestamp()::text as began, current_setting('neon.branch_id', true) as branch",
  );
  const [now] = rows;
  if (!now?.branch) return;
  await openOwnTables(client, ledgerSchema);
  await client.query(`insert into ${ownTable("runs")} values ($1, $2)`, [now.branch, now.began]);
}

/** When the branch's last migrate began, ISO 8601 with microseconds; notes of others are copies. */
export async function lastMigrate(
  client: Client,
  ledgerSchema: string,
  branchId: string,
): Promise<string | undefined> {
  const { own, former } = await readableTables(client, "runs", ledgerSchema);
  const tables = [
    ...(own ? [ownTable("runs")] : []),
    ...(former ? [formerTable("runs", ledgerSchema)] : []),
  ];
  if (tables.length === 0) return undefined;
  const both = tables.map((table) => `select branch_id, began from ${table}`).join(" union all ");
  const { rows } = await client.query<{ began: string | null }>(
    `select to_char(max(began) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as began
     from (${both}) as runs where branch_id = $1`,
    [branchId],
  );
  return rows[0]?.began ?? undefined;
}
