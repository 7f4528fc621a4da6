import type { AppContext } from "../../app-context.ts";
import type { ProjectConfig } from "../../config/project-config.ts";
import { DsError } from "../../errors/ds-error.ts";
import { plural } from "../../lib/format/plural.ts";
import type { MigrationStates } from "../../migrations/ledger/compare.ts";
import { inspectMigrations, migrate } from "../../migrations/run/io/migrate.ts";
import { type MigrationTarget, migratorOptions } from "../../migrations/run/io/options.ts";
import { waitForDatabase } from "../../postgres/io/wait-until-ready.ts";
import { runProcesses } from "../../processes/io/run-processes.ts";

interface Flags {
  target?: string;
  migrate: boolean;
}

const databaseBudget = 60_000;

/** Runs one of the configured processes, or all of them, on the stage's database. */
export default async function run(context: AppContext, flags: Flags, name?: string): Promise<void> {
  const { output } = context;
  const config = await context.config();
  const names = chosen(config, name);
  const target = await context.target(flags.target);
  const { stage, branch } = target;
  const what = `branch ${branch.name}`;
  const url = await target.connectionUrl();
  output.note(`stage ${stage.name}, ${what} (${branch.id})`);
  const shared = stage.kind === "shared" || branch.protected || branch.default;
  const command = `ds db migrate --target ${stage.name}`;
  await migrateOrWarn(context, config, { url, what, shared }, flags.migrate, command);

  // What the children get on top of our own environment; it is written nowhere else.
  await runProcesses(context, config, names, {
    ...context.env,
    [config.envFile.url]: url,
    [config.envFile.unpooledUrl]: url,
    [config.stageVariable]: stage.name,
  });
}

function chosen(config: ProjectConfig, name: string | undefined): string[] {
  const known = Object.keys(config.processes);
  if (known.length === 0) {
    throw new DsError("CONFIG_INVALID", "ds.config.ts configures no processes", {
      hint: 'Add one: processes: { backend: { command: "npm run dev", port: 3000 } }',
    });
  }
  if (name === undefined) return known;
  if (known.includes(name)) return [name];
  throw new DsError("USAGE", `there is no process "${name}" in ds.config.ts`, {
    hint: `There ${known.length === 1 ? "is" : "are"}: ${known.join(", ")}`,
  });
}

/** Waits for the database, too: it is the first to connect. */
async function migrateOrWarn(
  context: AppContext,
  config: ProjectConfig,
  database: MigrationTarget,
  wanted: boolean,
  command: string,
): Promise<void> {
  const { output, signal } = context;
  const { url, what, shared } = database;
  const client = await waitForDatabase(url, {
    what,
    budget: databaseBudget,
    signal,
    onWait: (error) => output.note(`waiting for the database: ${error.message}`),
  });
  let states: MigrationStates;
  try {
    const options = migratorOptions(context, config, database);
    states = await inspectMigrations(client, options.folder, options.ledger);
  } catch (error) {
    // A folder in the middle of a merge is no reason to keep the application from running.
    if (wanted || !(error instanceof DsError)) throw error;
    output.warn(error.message);
    return;
  } finally {
    await client.end();
  }
  const pending = states.pending.length + states.late.length;
  if (pending === 0) return;
  if (!wanted) {
    output.warn(`${plural(pending, "migration")} pending on ${what}; apply with: ds db migrate`);
  } else if (shared) {
    throw new DsError("REFUSED", `${what} is shared, so it is not migrated on the way`, {
      hint: `Migrate it on purpose: ${command}`,
    });
  } else {
    await migrate(migratorOptions(context, config, database));
  }
}
