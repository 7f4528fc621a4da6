import type pg from "pg";
import { EngineError, unprocessable } from "../../lib/engine-error.ts";
import type { Fork } from "../../model/fork.ts";
import type { BranchRecord } from "../../model/records.ts";
import type { Compute } from "../../postgres/io/compute.ts";
import { readContents, setPassword } from "../../postgres/io/roles.ts";
import { readGlobals } from "../../postgres/io/schema-globals.ts";
import { forkedBranch } from "../branch-records.ts";

/** Branches with the roles, databases and schemas of another, but none of its rows. */

/** A root branch: where its schema came from is not remembered, as on Neon. */
export function schemaOnlyBranch(...like: Parameters<typeof forkedBranch>): BranchRecord {
  const { parentId, parentLsn, parentTimestamp, logicalSize, ...own } = forkedBranch(...like);
  // All passwords are set while the schema is copied.
  return { ...own, initSource: "schema-only", passwordsToApply: [] };
}

/** What `schemaOnlyBranch` needs to know of a source that is not forked. */
export async function emptyFork(source: Compute, makeData: () => Promise<string>): Promise<Fork> {
  const contents = await source.admin("postgres", readContents);
  return { dataDir: await makeData(), at: new Date().toISOString(), contents };
}

/**
 * Fills the fresh cluster of `branch` with roles, databases and schemas of the source, and stops it:
 * its data is whole and on disk then. Refuses with 422, naming the database, what cannot be copied.
 */
export async function copySchemas(
  source: Compute,
  target: Compute,
  branch: BranchRecord,
): Promise<void> {
  const globals = await source.admin("postgres", readGlobals);
  await runAll(target, [...globals.roles, ...globals.databases]);
  await target.admin("postgres", async (client) => {
    for (const { name, password } of branch.roles) {
      if (password) await setPassword(client, name, password);
    }
  });
  for (const { name } of branch.databases) {
    const extensions = await source.admin(name, ownersExtensions);
    const schema = await source.dumpSchema(name);
    await target.admin(name, (client) => client.query(extensions)).catch(refused(name));
    // One query of many statements is one transaction.
    await target.admin(name, (client) => client.query(schema)).catch(refused(name));
  }
  await runAll(target, globals.afterwards);
  await target.stop();
}

/**
 * Statements that make the extensions of the database's owner as the owner. By the dump, which nobody
 * but the superuser can run, they would become the superuser's, and the owner could not drop them.
 */
async function ownersExtensions(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ statements: string }>(`
    select concat_ws(';', format('set role %I', pg_get_userbyid(datdba)), (
        select string_agg(
          format('create extension %I schema public version %L', extname, extversion), ';' order by e.oid)
        from pg_extension e
        where extowner = datdba and extnamespace::regnamespace::text = 'public'
      ), 'reset role') as statements
    from pg_database where datname = current_database()`);
  return rows[0]?.statements ?? "";
}

async function runAll(target: Compute, statements: string[]): Promise<void> {
  await target.admin("postgres", async (client) => {
    for (const statement of statements) await client.query(statement);
  });
}

function refused(database: string) {
  return (error: unknown): never => {
    if (error instanceof EngineError) throw error;
    const { message } = error as Error;
    throw unprocessable(
      "SCHEMA_COPY_FAILED",
      `the schema of database "${database}" cannot be copied: ${message}`,
    );
  };
}
