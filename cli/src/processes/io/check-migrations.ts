import type { Client } from "pg";
import type { HasConfig, ProjectConfig } from "../../config/project-config.ts";
import { DsError } from "../../errors/ds-error.ts";
import { plural } from "../../lib/format/plural.ts";
import { noMigrations } from "../../migrations/folder/own-migrator.ts";
import type { MigrationStates } from "../../migrations/ledger/compare.ts";
import { inspectMigrations } from "../../migrations/ledger/io/inspect.ts";
import { applyMigrations } from "../../migrations/run/io/apply.ts";
import { migrate } from "../../migrations/run/io/migrate.ts";
import { type MigrationTarget, migrationRun } from "../../migrations/run/io/migration-run.ts";
import { waitForDatabase } from "../../postgres/io/wait-until-ready.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Target } from "../../stages/io/target.ts";

const databaseBudget = 60_000;

/**
 * Applies pending migrations where that is wanted, or warns of them. Waits for the database, too: it is the first to
 * connect.
 */
export async function checkMigrations(
  context: Runtime & HasConfig,
  { stage, branch }: Target,
  url: string,
  wanted: boolean,
): Promise<void> {
  const { output } = context;
  const config = await context.config();
  const what = `branch ${branch.name}`;
  const shared = stage.kind === "shared" || branch.protected || branch.default;
  const database = { url, what, shared, stage: stage.name };
  if (config.migrator.kind !== "drizzle") return withOtherTool(context, config, database, wanted);
  const states = await readStates(context, config, database, wanted);
  const pending = states === undefined ? 0 : states.pending.length + states.late.length;
  if (pending === 0) return;
  if (!wanted) {
    output.warn(`${plural(pending, "migration")} pending on ${what}; apply with: ds db migrate`);
    return;
  }
  if (!shared) {
    await migrate(migrationRun(context, config, database));
    return;
  }
  throw notOnTheWay(what, stage.name);
}

/** What is pending there nobody knows, so that nothing is warned of. */
async function withOtherTool(
  context: Runtime,
  config: ProjectConfig,
  database: MigrationTarget & { stage: string },
  wanted: boolean,
): Promise<void> {
  if (wanted && config.migrator.kind === "none") throw noMigrations(config.migrator);
  if (wanted && database.shared) throw notOnTheWay(database.what, database.stage);
  await (await untilReady(context, database)).end();
  if (wanted) await applyMigrations(context, config, database, { undoable: true });
}

const notOnTheWay = (what: string, stage: string): DsError =>
  new DsError("REFUSED", `${what} is shared, so it is not migrated on the way`, {
    reason: "BRANCH_IS_SHARED",
    hint: `Migrate it on purpose: ds db migrate --target ${stage}`,
  });

function untilReady({ output, signal }: Runtime, { url, what }: MigrationTarget): Promise<Client> {
  return waitForDatabase(url, {
    what,
    budget: databaseBudget,
    signal,
    onWait: (error) => output.note(`waiting for the database: ${error.message}`),
  });
}

/** Undefined, with a warning, where the folder or the ledger cannot be read and nothing of it is needed. */
async function readStates(
  context: Runtime,
  config: ProjectConfig,
  database: MigrationTarget,
  needed: boolean,
): Promise<MigrationStates | undefined> {
  const { output } = context;
  const client = await untilReady(context, database);
  try {
    const { migrations } = migrationRun(context, config, database);
    return await inspectMigrations(client, migrations);
  } catch (error) {
    // A folder in the middle of a merge is no reason to keep the application from running.
    if (needed || !(error instanceof DsError)) throw error;
    output.warn(error.message);
    return undefined;
  } finally {
    await client.end();
  }
}
