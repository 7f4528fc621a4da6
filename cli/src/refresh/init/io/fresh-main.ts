import { randomBytes } from "node:crypto";
import { withEphemeralBranch } from "../../../branches/io/ephemeral.ts";
import type { ProjectConfig } from "../../../config/project-config.ts";
import type { HasEngine } from "../../../engine/io/daemon.ts";
import { applyMigrations } from "../../../migrations/run/io/apply.ts";
import { migrate } from "../../../migrations/run/io/migrate.ts";
import { migrationRun } from "../../../migrations/run/io/migration-run.ts";
import { withPostgres } from "../../../postgres/io/connect.ts";
import { quoteIdentifier } from "../../../postgres/quote.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { Target } from "../../../stages/io/target.ts";
import { filledTables } from "../../samples/io/count-rows.ts";

/**
 * Which rows the migrations make by themselves: they are run on an empty database of a throwaway branch.
 * What is on main says nothing of that, as it may have been filled since.
 */
export function migratedRows(
  context: Runtime & HasEngine,
  main: Target,
  config: ProjectConfig,
): Promise<Map<string, number>> {
  return withEphemeralBranch(context, main, "rehearsal", async ({ name, url }) => {
    const what = `an empty database of ${name}`;
    const database = `ds_fresh_${randomBytes(4).toString("hex")}`;
    await withPostgres(url, { what }, (client) =>
      client.query(`create database ${quoteIdentifier(database)} template template0`),
    );
    const fresh = new URL(url);
    fresh.pathname = `/${database}`;
    const there = { url: fresh.href, what, shared: true };
    if (config.migrator.kind === "drizzle") {
      await migrate({ ...migrationRun(context, config, there), observe: () => {} });
    } else await applyMigrations(context, config, there, { discarded: true });
    return withPostgres(fresh.href, { what }, filledTables);
  });
}
