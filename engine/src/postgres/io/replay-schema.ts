import type pg from "pg";
import { newDataDir, newPassword } from "../../model/ids.ts";
import { splitDump } from "../dump-statements.ts";
import { scramVerifier } from "../scram.ts";
import { hasFeature } from "../version-features.ts";
import { asRole, quoteIdentifier, quoteLiteral } from "./admin.ts";
import type { Compute } from "./compute.ts";

/** An extension of the source, with all that is needed to make it again. */
interface Extension {
  /** Makes it as its owner. */
  create: string;
  owner: string;
  /** Its schema, quoted, where that is neither Postgres' own nor one that the extension makes itself. */
  schema: string | null;
}

/** Extensions in the order in which they were made: some need others. */
export async function readExtensions(client: pg.Client): Promise<Extension[]> {
  const { rows } = await client.query<Extension>(`
    select quote_ident(pg_get_userbyid(extowner)) as owner,
      case when not isown then quote_ident(nspname) end as schema,
      format('create extension if not exists %I', extname)
        || case when isown then '' else format(' schema %I', nspname) end
        || format(' version %L', extversion) as create
    from pg_extension e join pg_namespace n on n.oid = extnamespace, lateral (
      select nspname ~ '^pg_' or exists (select from pg_depend
        where classid = 'pg_namespace'::regclass and objid = n.oid and deptype = 'e') as isown
    ) o
    order by e.oid`);
  return rows;
}

/**
 * Fills an empty database with what a dump tells. The owner's code may run while expressions are read
 * (a partition key, an index): then it runs on the connection of a role that is made for this, owns
 * nothing but this database, and is no superuser. That role's rights end with the replay.
 */
export async function replaySchema(
  target: Compute,
  database: { name: string; ownerName: string },
  extensions: Extension[],
  dump: string,
): Promise<void> {
  const { creation, handOver } = splitDump(dump);
  const copier = { user: `ds_copy_${newDataDir()}`, password: newPassword() };
  const role = quoteIdentifier(copier.user);
  const mayAll = hasFeature(target.environment.binaries.major, "subscriptionRole");
  const own = (owner: string) =>
    `alter database ${quoteIdentifier(database.name)} owner to ${owner}`;

  const schemas = await target.admin(database.name, async (client) => {
    await client.query(
      `create role ${role} login ${mayAll ? "in role pg_create_subscription" : ""}
         password ${quoteLiteral(scramVerifier(copier.password))}`,
    );
    const made = await makeExtensions(client, extensions, own);
    for (const schema of made) await client.query(`alter schema ${schema} owner to ${role}`);
    await client.query(own(role));
    await onWrappers(client, (wrappers) => `grant usage on ${wrappers} to ${role}`);
    return made;
  });
  const missing = creation.filter(
    (statement) =>
      !schemas.some((schema) => statement === `CREATE SCHEMA ${schema}`) &&
      // A newer pg_dump sets it, whatever the server knows; it is off by itself.
      !statement.startsWith("SET transaction_timeout "),
  );
  // One query of many statements is one transaction.
  const port = await target.ensureRunning();
  await asRole(port, database.name, copier, (client) => client.query(missing.join(";\n")));
  await target.admin(database.name, async (client) => {
    await client.query(handOver.join(";\n"));
    await client.query(own(quoteIdentifier(database.ownerName)));
    await onWrappers(client, (wrappers) => `revoke usage on ${wrappers} from ${role}`);
    // Refused by Postgres where anything is still this role's.
    if (mayAll) await client.query(`revoke pg_create_subscription from ${role}`);
    await client.query(`drop role ${role}`);
  });
}

/** Extensions bring foreign data wrappers; who makes servers of one has to have its usage. */
async function onWrappers(
  client: pg.Client,
  statement: (wrappers: string) => string,
): Promise<void> {
  const { rows } = await client.query<{ names: string | null }>(
    "select string_agg(quote_ident(fdwname), ', ') as names from pg_foreign_data_wrapper",
  );
  const names = rows[0]?.names;
  if (names) await client.query(statement(`foreign data wrapper ${names}`));
}

/**
 * Makes them as their owners, who could not drop the superuser's. Their scripts run as the superuser:
 * so nothing of an owner may be in the database yet. Returns the schemas that it has made for them.
 */
async function makeExtensions(
  client: pg.Client,
  extensions: Extension[],
  own: (owner: string) => string,
): Promise<string[]> {
  const schemas: string[] = [];
  for (const { create, owner, schema } of extensions) {
    await client.query(own(owner));
    if (schema !== null && schema !== "public") {
      if (!schemas.includes(schema)) {
        await client.query(`create schema ${schema}`);
        schemas.push(schema);
      }
      await client.query(`alter schema ${schema} owner to ${owner}`);
    }
    await client.query(`set role ${owner}`);
    await client.query(create);
    await client.query("reset role");
  }
  return schemas;
}
