import type pg from "pg";
import type { MaskingRule } from "../../model/masking-rule.ts";
import { asRole, quoteIdentifier, quoteLiteral } from "../../postgres/io/admin.ts";
import { scramVerifier } from "../../postgres/scram.ts";
import type { MaskPlan } from "../mask-plan.ts";
import { nameOf } from "../masked-column.ts";
import { saltSetting } from "../pseudonyms.ts";
import { checkRules } from "./check-rules.ts";

/** Who masks: a role that is made for it, and is no superuser. */
export interface Masker {
  user: string;
  password: string;
}

export interface Masking {
  /** A server that nobody else can connect to. */
  server: {
    admin<T>(database: string, work: (client: pg.Client) => Promise<T>): Promise<T>;
    ensureRunning(): Promise<number>;
  };
  masker: Masker;
  /** What digests of values are made with. */
  salt: string;
  onTable: (table: string) => void;
}

/** What a session that masks begins with. Its user's tables may have policies, and the database settings. */
const ownSettings = `
  set search_path = pg_catalog;
  set standard_conforming_strings = on;
  set row_security = off;
  set lock_timeout = '10s'`;

/**
 * Masks one database in one transaction, then takes away what rows were before: dead rows, statistics, what views keep.
 * Triggers and rules of the tables do not run: they could copy the old values to where nothing masks them. Where code of
 * an owner has to run (an index, a check), it runs as the masker.
 */
export async function maskDatabase(
  { server, masker, salt, onTable }: Masking,
  database: string,
  rules: readonly MaskingRule[],
): Promise<{ tables: number; columns: number }> {
  const plan = await server.admin(database, async (client) => {
    const checked = await checkRules(client, rules);
    await client.query(makeMasker(masker, checked.owners));
    return checked;
  });
  await asRole(await server.ensureRunning(), database, masker, async (client) => {
    await client.query(ownSettings);
    await client.query(
      "select set_config(name, '0', false) from pg_settings where name = 'transaction_timeout'",
    );
    await requireNoTriggers(client);
    await client.query("select set_config($1, $2, false)", [saltSetting, salt]);
    const views = await readMaterializedViews(client);
    await client.query("begin");
    await runPlan(client, plan, (table) => onTable(`${database}.${table}`));
    for (const view of views) await client.query(`refresh materialized view ${view}`);
    await client.query("commit");
    const written = [...plan.tables.map(nameOf), ...views];
    await server.admin(database, (admin) => forgetStatistics(admin, written));
    for (const table of written) await client.query(`vacuum (full, analyze) ${table}`);
  });
  await server.admin(database, async (client) => {
    await client.query("vacuum full pg_statistic");
    await client.query("vacuum full pg_statistic_ext_data");
    await client.query(removeMasker(masker));
  });
  return { tables: plan.tables.length, columns: plan.columns };
}

async function requireNoTriggers(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ role: string }>(
    "select current_setting('session_replication_role') as role",
  );
  if (rows[0]?.role !== "replica") throw new Error("triggers would run at the masked rows");
}

async function runPlan(
  client: pg.Client,
  { keys, updates }: MaskPlan,
  onTable: (table: string) => void,
): Promise<void> {
  for (const { map } of keys) await client.query(map);
  for (const { table, sql } of updates) {
    onTable(`${table.schema}.${table.name}`);
    await client.query(sql);
  }
  for (const { tables, updates: changes } of keys) {
    onTable(`${tables[0]?.schema}.${tables[0]?.name}`);
    for (const sql of changes) await client.query(sql);
  }
}

/** In the order in which they were made: some need others. */
async function readMaterializedViews(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ view: string }>(
    `select format('%I.%I', n.nspname, c.relname) as view
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where c.relkind = 'm' and c.relispopulated order by c.oid`,
  );
  return rows.map(({ view }) => view);
}

/** Of values that were there before; an empty table would keep them. */
async function forgetStatistics(client: pg.Client, tables: readonly string[]): Promise<void> {
  await client.query(
    `with recursive masked as (
       select to_regclass(name)::oid as oid from unnest($1::text[]) name
       union select inhrelid from pg_inherits, masked where inhparent = masked.oid
     ), relations as (
       select oid from masked union select indexrelid from pg_index, masked where indrelid = masked.oid
     ), extended as (
       delete from pg_statistic_ext_data where stxoid in (
         select e.oid from pg_statistic_ext e, masked where e.stxrelid = masked.oid)
     )
     delete from pg_statistic where starelid in (select oid from relations)`,
    [tables],
  );
}

/** It may do what the owners may, sees all rows, and can keep their triggers from running. */
function makeMasker({ user, password }: Masker, owners: readonly string[]): string {
  const role = quoteIdentifier(user);
  return [
    `create role ${role} login bypassrls in role pg_read_all_data, pg_write_all_data
       password ${quoteLiteral(scramVerifier(password))}`,
    // What only a superuser may set, a superuser may also set for a role.
    `alter role ${role} set session_replication_role = replica`,
    ...owners.map((owner) => `grant ${quoteIdentifier(owner)} to ${role}`),
  ].join("; ");
}

const removeMasker = ({ user }: Masker): string =>
  `drop owned by ${quoteIdentifier(user)}; drop role ${quoteIdentifier(user)}`;
