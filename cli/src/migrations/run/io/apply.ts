import type { MigrationCommand } from "../../../config/migrator.ts";
import type { ProjectConfig } from "../../../config/project-config.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { connectPostgres } from "../../../postgres/io/connect.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import { migrationFolder } from "../../folder/io/read-folder.ts";
import type { MigrationFolder } from "../../folder/migration.ts";
import { emptyReport, type MigrationReport } from "../report.ts";
import { noteMigrate } from "./last-migrate.ts";
import { migrate } from "./migrate.ts";
import {
  knownDatabase,
  type MigrationRun,
  type MigrationTarget,
  migrationRun,
  migratorIdentity,
  type RunWishes,
} from "./migration-run.ts";
import { commandInterrupted, runMigrationCommand } from "./run-command.ts";

export interface ApplyWishes extends RunWishes {
  /** Note when it began, for `ds db undo`. */
  undoable?: boolean;
  /** Just made, or a copy: its ledger is known to be the right one. */
  isKnown?: boolean;
  /** It is thrown away when they fail: nothing that was applied stays. */
  discarded?: boolean;
}

/** Applies what is pending, as the project does it; with another tool's command it is not known what that was. */
export async function applyMigrations(
  context: Runtime,
  config: ProjectConfig,
  target: MigrationTarget,
  wishes: ApplyWishes = {},
): Promise<MigrationReport> {
  return prepareMigrations(context, config, target, wishes)();
}

/** Refuses what can be refused before anything is changed; what it returns applies them. */
export function prepareMigrations(
  context: Runtime,
  config: ProjectConfig,
  target: MigrationTarget,
  wishes: ApplyWishes = {},
): () => Promise<MigrationReport> {
  const { migrator } = config;
  if (migrator.kind === "none") return async () => emptyReport("none");
  if (migrator.kind === "command") {
    return async () => {
      if (wishes.undoable) await noteBegin(config, target);
      return applyWithCommand(context, config, migrator, { ...target, ...wishes });
    };
  }
  const folder = wishes.folder ?? folderIfThere(context, config);
  if (folder === undefined) return async () => emptyReport("none");
  const run = migrationRun(context, config, target, { ...wishes, folder });
  const { undoable = false } = wishes;
  return () => migrate(wishes.isKnown ? onKnown(run, target) : run, { undoable });
}

/** Nobody but the tool knows when it commits. */
async function applyWithCommand(
  context: Runtime,
  config: ProjectConfig,
  migrator: MigrationCommand,
  target: MigrationTarget & ApplyWishes,
): Promise<MigrationReport> {
  const { command } = migrator;
  const { changes } = context.output;
  context.signal.throwIfAborted();
  changes.set(
    migrator,
    `what \`${command}\` had applied by then stays in ${target.what}`,
    "unknown",
  );
  await runMigrationCommand(context, config, migrator, target).catch((error: unknown) => {
    throw commandInterrupted(error, target.command ?? "ds db migrate");
  });
  changes.set(migrator, `\`${command}\` ran on ${target.what}`);
  return { ...emptyReport("ran"), command };
}

const onKnown = (run: MigrationRun, { url, what }: MigrationTarget): MigrationRun => ({
  ...run,
  database: knownDatabase(url, { what }),
});

/** Undefined where migrations are not ours to read, or none was ever generated: the folder is not there yet. */
export function folderIfThere(
  context: Pick<Runtime, "cwd">,
  config: ProjectConfig,
): MigrationFolder | undefined {
  if (config.migrator.kind !== "drizzle") return undefined;
  try {
    return migrationFolder(config, context.cwd);
  } catch (error) {
    if (error instanceof DsError && error.reason === "FOLDER_MISSING") return undefined;
    throw error;
  }
}

async function noteBegin(
  { migrations }: ProjectConfig,
  { url, what, loopback }: MigrationTarget,
): Promise<void> {
  const applicationName = `ds migrate ${migratorIdentity()}`;
  const client = await connectPostgres(url, { what, applicationName, loopback });
  try {
    await noteMigrate(client, migrations.schema);
  } finally {
    await client.end();
  }
}
