import { EngineError } from "../../lib/engine-error.ts";
import type { Compute } from "../../postgres/io/compute.ts";

/**
 * Databases of a branch that have the extension, or that accept no connections, so that nobody can tell. Wakes the
 * branch.
 */
export async function databasesWith(compute: Compute, extension: string): Promise<string[]> {
  const databases = await compute.admin("postgres", async (client) => {
    const { rows } = await client.query<{ name: string }>(
      "select datname as name from pg_database where datname <> 'template0' and datconnlimit <> -2",
    );
    return rows.map(({ name }) => name);
  });
  const found: string[] = [];
  for (const database of databases) {
    if (await hasExtension(compute, database, extension)) found.push(database);
  }
  return found;
}

async function hasExtension(
  compute: Compute,
  database: string,
  extension: string,
): Promise<boolean> {
  try {
    const { rows } = await compute.admin(database, (client) =>
      client.query("select 1 from pg_extension where extname = $1", [extension]),
    );
    return rows.length > 0;
  } catch (error) {
    if (error instanceof EngineError && error.code === "DATABASE_CLOSED") return true;
    throw error;
  }
}
