import type pg from "pg";
import type { Contents, RolesAndDatabases } from "../../model/contents.ts";
import { scramVerifier } from "../scram.ts";
import { adminRole, quoteIdentifier, quoteLiteral } from "./admin.ts";

const inhabitants = `'roles', (select coalesce(json_agg(json_build_object('name', rolname, 'canLogin', rolcanlogin) order by oid), '[]')
             from pg_roles where rolname !~ '^pg_' and rolname not in ('${adminRole}', 'neon_superuser')),
   'databases', (select coalesce(json_agg(json_build_object('name', datname, 'owner', pg_get_userbyid(datdba)) order by oid), '[]')
                 from pg_database where not datistemplate and datname <> 'postgres'
                   -- Half dropped when it was copied: it can only be dropped for good.
                   and datconnlimit <> -2)`;

export async function readInhabitants(client: pg.Client): Promise<RolesAndDatabases> {
  const { rows } = await client.query<{ found: RolesAndDatabases }>(
    `select json_build_object(${inhabitants}) as found`,
  );
  return (rows[0] as { found: RolesAndDatabases }).found;
}

export async function readContents(client: pg.Client): Promise<Contents> {
  const { rows } = await client.query<{ contents: Contents }>(
    `select json_build_object(${inhabitants},
       'logicalSize', (select sum(pg_database_size(oid)) from pg_database where datallowconn and datconnlimit <> -2),
       'lsn', pg_current_wal_insert_lsn()) as contents`,
  );
  return (rows[0] as { contents: Contents }).contents;
}

/** A role as Neon's console makes it: no superuser, but everything that neon_superuser may. */
export async function createRole(
  client: pg.Client,
  name: string,
  password: string | undefined,
): Promise<void> {
  const role = quoteIdentifier(name);
  await client.query(
    password === undefined
      ? `create role ${role} nologin`
      : `create role ${role} login createdb createrole replication bypassrls
           in role neon_superuser password ${quoteLiteral(scramVerifier(password))}`,
  );
}

export async function setPassword(
  client: pg.Client,
  name: string,
  password: string,
): Promise<void> {
  await client.query(
    `alter role ${quoteIdentifier(name)} password ${quoteLiteral(scramVerifier(password))}`,
  );
}

export async function createDatabase(
  client: pg.Client,
  name: string,
  owner: string,
): Promise<void> {
  await client.query(`create database ${quoteIdentifier(name)} owner ${quoteIdentifier(owner)}`);
}

export async function alterDatabase(
  client: pg.Client,
  name: string,
  patch: { name?: string; ownerName?: string },
): Promise<void> {
  const database = quoteIdentifier(name);
  if (patch.ownerName) {
    await client.query(`alter database ${database} owner to ${quoteIdentifier(patch.ownerName)}`);
  }
  if (patch.name && patch.name !== name) {
    // Postgres renames only a database that nobody is connected to.
    await client.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1",
      [name],
    );
    await client.query(`alter database ${database} rename to ${quoteIdentifier(patch.name)}`);
  }
}

export async function dropDatabase(client: pg.Client, name: string): Promise<void> {
  await client.query(`drop database if exists ${quoteIdentifier(name)} with (force)`);
}

/** Hands what the role owns in this database to the database's owner, so that it can be dropped. */
export async function disownInDatabase(client: pg.Client, role: string): Promise<void> {
  const { rows } = await client.query<{ owner: string }>(
    "select pg_get_userbyid(datdba) as owner from pg_database where datname = current_database()",
  );
  const owner = rows[0]?.owner ?? adminRole;
  await client.query(
    `reassign owned by ${quoteIdentifier(role)} to ${quoteIdentifier(owner)};
     drop owned by ${quoteIdentifier(role)}`,
  );
}

export async function dropRole(client: pg.Client, name: string): Promise<void> {
  await client.query(`drop role if exists ${quoteIdentifier(name)}`);
}
