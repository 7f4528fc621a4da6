import { readMigrationFolder } from "../../../src/migrations/folder/io/read-folder.ts";
import { type MigrateOptions, migrate } from "../../../src/migrations/run/io/migrate.ts";
import { knownDatabase } from "../../../src/migrations/run/io/migration-run.ts";
import type { MigrationReport } from "../../../src/migrations/run/report.ts";
import { Changes } from "../../../src/runtime/changes.ts";

/** What `ds db migrate --db` does with a folder, without a process of its own. */
export async function runInProcess(
  url: string,
  folder: string,
  options: MigrateOptions = {},
): Promise<MigrationReport> {
  const run = {
    migrations: {
      folder: readMigrationFolder(folder, "drizzle"),
      ledger: { schema: "drizzle", table: "__drizzle_migrations" },
      policy: { allowLate: true, strict: false },
    },
    database: knownDatabase(url, { what: "the test", who: "test" }),
    lockWait: { milliseconds: 20_000, signal: new AbortController().signal },
    observe: () => {},
    changes: new Changes(),
    command: "ds db migrate",
  };
  return migrate(run, options);
}
