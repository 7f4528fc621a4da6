import type { HasConfig, ProjectConfig } from "../../../config/project-config.ts";
import type { HasEngine } from "../../../engine/io/daemon.ts";
import { once } from "../../../lib/async/once.ts";
import type { HasNeon } from "../../../neon/io/client.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { HasTarget } from "../../../stages/io/target.ts";
import { migrationFolder } from "../../folder/io/read-folder.ts";
import { requireOwnMigrator } from "../../folder/own-migrator.ts";
import { LedgerPrefetch } from "../../ledger/io/prefetch.ts";
import { type MigrationCheck, MigrationsFailed } from "../../run/failed.ts";
import { checkMigrations } from "../../run/io/check.ts";
import { migrate } from "../../run/io/migrate.ts";
import {
  applicationName,
  type MigrationRun,
  migrationRun,
  migratorIdentity,
} from "../../run/io/migration-run.ts";
import {
  migrateCommand,
  migrationTarget,
  type NamedDatabase,
  type TargetFlags,
} from "../../run/io/target.ts";
import { rehearsalWanted } from "../effects.ts";
import type { RehearsalFlags } from "../flags.ts";
import {
  failedAfter,
  type RehearsalReport,
  type RehearsedReport,
  withRehearsal,
} from "../report.ts";

type Needs = Runtime & HasConfig & HasTarget & HasNeon & HasEngine;

export interface MigrateRequest extends TargetFlags, RehearsalFlags {
  strict: boolean;
  waitMs: number;
}

export interface Migrated {
  report: RehearsedReport;
  /** With --check, where it found something to run. */
  pending: MigrationCheck | undefined;
  /** How many migrations the folder has. */
  count: number;
  /** The database as messages name it. */
  what: string;
}

/** Applies to a stage's branch, or the database of a URL, what it does not have yet; where it is asked for, after a rehearsal. */
export async function migrateWithRehearsal(
  context: Needs,
  request: MigrateRequest,
): Promise<Migrated> {
  try {
    const config = await context.config();
    if (config.migrator.kind === "command") {
      const { migrateWithCommand } = await import("./migrate-with-command.ts");
      const done = await migrateWithCommand(context, config, config.migrator, request);
      return { ...done, pending: undefined, count: 0 };
    }
    requireOwnMigrator(config.migrator);
    const folder = once(async () => migrationFolder(config, context.cwd));
    const prefetch = new LedgerPrefetch({
      applicationName: applicationName(migratorIdentity()),
      ledger: config.migrations,
      waitMs: request.waitMs,
      meanwhile: () => folder().catch(() => {}), // Its mistakes come after those of the target.
    });
    try {
      const database = await migrationTarget(context, request, prefetch);
      const { strict, waitMs } = request;
      const wishes = { strict, waitMs, folder: await folder(), command: migrateCommand(request) };
      const run = migrationRun(context, config, database, wishes);
      return await migrateOn(context, request, database, run);
    } finally {
      prefetch.close();
    }
  } catch (error) {
    throw MigrationsFailed.from(error);
  }
}

async function migrateOn(
  context: Needs,
  request: MigrateRequest,
  database: NamedDatabase,
  run: MigrationRun,
): Promise<Migrated> {
  const rehearsal = await rehearsalBefore(context, request, database, run);
  try {
    const found = { count: run.migrations.folder.migrations.length, what: database.what };
    if (!request.check) {
      const report = await migrate(run, { undoable: true });
      return { ...found, report: withRehearsal(report, rehearsal), pending: undefined };
    }
    const check = await checkMigrations(run);
    const report = withRehearsal(check.report, rehearsal);
    const pending = check.toRun.length === 0 ? undefined : { ...check, report };
    return { ...found, report, pending };
  } catch (error) {
    throw failedAfter(error, rehearsal);
  }
}

/**
 * The rehearsal that the flags or the project's rule ask for; undefined when they ask for none, or
 * nothing is pending. With --check it is only run on request.
 */
async function rehearsalBefore(
  context: Needs,
  { check, rehearse: asked, withLoad }: MigrateRequest,
  { target, shared, prefetch }: NamedDatabase,
  run: MigrationRun,
): Promise<RehearsalReport | undefined> {
  if (target === undefined) return undefined;
  const { migrations }: ProjectConfig = await context.config();
  const explicit = withLoad || asked;
  const wanted = rehearsalWanted(explicit, shared, migrations.rehearse);
  if (!wanted || (check && !explicit)) return undefined;
  const { rehearse } = await import("./rehearse.ts");
  // It takes so long that what was seen before it is old, and an idle connection may be cut off.
  prefetch?.close();
  return rehearse(context, { target, run, withLoad });
}
