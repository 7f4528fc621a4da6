import { EngineError, unprocessable } from "../../lib/engine-error.ts";
import type { EmptyFork } from "../../model/fork.ts";
import type { BranchRecord } from "../../model/records.ts";
import type { Compute } from "../../postgres/io/compute.ts";
import { readExtensions, replaySchema } from "../../postgres/io/replay-schema.ts";
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
export async function emptyFork(
  source: Compute,
  makeData: () => Promise<string>,
): Promise<EmptyFork> {
  const contents = await source.admin("postgres", readContents);
  return { kind: "empty", dataDir: await makeData(), at: new Date().toISOString(), contents };
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
  for (const database of branch.databases) {
    const extensions = await source.admin(database.name, readExtensions);
    const dump = await source.dumpSchema(database.name);
    await replaySchema(target, database, extensions, dump).catch(refused(database.name));
  }
  await runAll(target, globals.afterwards);
  await target.stop();
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
