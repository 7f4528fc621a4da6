import type { Client } from "pg";
import { momentsTable, ownSchema } from "../../../postgres/own-schema.ts";
import { quoteIdentifier, quoteQualified } from "../../../postgres/quote.ts";
import { isNotAllowed, makingLock } from "../../ledger/io/own-tables.ts";
import type { MomentKind, NotedMoment } from "../noted-moment.ts";

const table = quoteQualified(ownSchema, momentsTable);
const isoTime = (column: string) =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/**
 * Notes that the branch's state right now may be wanted again, for `ds db undo`; committed when it returns. The note is a
 * part of the data, as that of a migrate is (last-migrate.ts).
 *
 * @returns the moment; noted: false where the role may not note it, or the server does not say which branch it serves
 */
export async function noteMoment(
  client: Client,
  what: Exclude<MomentKind, "migrate">,
  detail: string,
): Promise<{ timestamp: string; noted: boolean }> {
  const { rows } = await client.query<{ timestamp: string; branch: string | null }>(
    `select ${isoTime("clock_timestamp()")} as timestamp, current_setting('neon.branch_id', true) as branch`,
  );
  const { timestamp = "", branch = null } = rows[0] ?? {};
  if (!branch) return { timestamp, noted: false };
  try {
    if (!(await isReadable(client))) await client.query(makeTable);
    await client.query(`insert into ${table} values ($1, $2, $3, $4)`, [
      branch,
      timestamp,
      what,
      detail,
    ]);
    return { timestamp, noted: true };
  } catch (error) {
    if (!isNotAllowed(error)) throw error;
    return { timestamp, noted: false };
  }
}

/** The last moment of each kind that was noted on this branch; notes of others are copies. */
export async function lastMoments(client: Client, branchId: string): Promise<NotedMoment[]> {
  if (!(await isReadable(client))) return [];
  const { rows } = await client.query<NotedMoment>(
    `select distinct on (what) what, detail, ${isoTime("at")} as timestamp
     from ${table} where branch_id = $1 and what in ('statement', 'agent') order by what, at desc`,
    [branchId],
  );
  return rows;
}

async function isReadable(client: Client): Promise<boolean> {
  const { rows } = await client.query(
    `select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'r' and n.nspname = $1 and c.relname = $2
       and pg_catalog.has_schema_privilege(n.oid, 'usage') and pg_catalog.has_table_privilege(c.oid, 'select')`,
    [ownSchema, momentsTable],
  );
  return rows.length > 0;
}

/** One simple query is one transaction. */
const makeTable = `
  ${makingLock};
  create schema if not exists ${quoteIdentifier(ownSchema)};
  create table if not exists ${table} (
    branch_id text not null, at timestamp with time zone not null, what text not null, detail text not null
  )`;
