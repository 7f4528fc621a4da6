import { removeOrphanedBranches, withEphemeralBranch } from "../../../branches/io/ephemeral.ts";
import type { MigrationCommand } from "../../../config/migrator.ts";
import type { HasConfig, ProjectConfig } from "../../../config/project-config.ts";
import type { HasEngine } from "../../../engine/io/daemon.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { lastLines } from "../../../lib/process/io/run-shell.ts";
import type { HasNeon } from "../../../neon/io/client.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { HasTarget, Target } from "../../../stages/io/target.ts";
import { ofOtherTool } from "../../folder/own-migrator.ts";
import { MigrationsFailed } from "../../run/failed.ts";
import { applyMigrations } from "../../run/io/apply.ts";
import { askMigrationCommand, runMigrationCommand } from "../../run/io/run-command.ts";
import { migrateCommand, migrationTarget, type TargetFlags } from "../../run/io/target.ts";
import { emptyReport, type MigrationReport } from "../../run/report.ts";
import { rehearsalWanted } from "../effects.ts";
import type { RehearsalFlags } from "../flags.ts";

type MigrateRequest = TargetFlags & RehearsalFlags & { strict: boolean };
type Needs = Runtime & HasConfig & HasTarget & HasNeon & HasEngine;

/** `ds db migrate` where migrations are another tool's: its command, before a shared stage on a copy first. */
export async function migrateWithCommand(
  context: Needs,
  config: ProjectConfig,
  command: MigrationCommand,
  request: MigrateRequest,
): Promise<{ report: MigrationReport; what: string }> {
  if (request.withLoad) throw ofOtherTool(command.command, "a rehearsal with load");
  if (request.strict) throw ofOtherTool(command.command, "--strict");
  const database = await migrationTarget(context, request);
  const { shared, target, what } = database;
  if (request.check) {
    return { report: await check(context, config, command, database, request), what };
  }
  const wanted =
    target !== undefined && rehearsalWanted(request.rehearse, shared, config.migrations.rehearse);
  if (wanted) await rehearse(context, config, command, target);
  const wishes = { undoable: true, command: migrateCommand(request) };
  return { report: await applyMigrations(context, config, database, wishes), what };
}

async function check(
  context: Needs,
  config: ProjectConfig,
  command: MigrationCommand,
  database: { url: string; what: string },
  request: MigrateRequest,
): Promise<MigrationReport> {
  if (command.check === undefined) {
    throw new DsError(
      "CONFIG_INVALID",
      `whether migrations are pending on ${database.what} is not known: \`${command.command}\` applies them, and ds cannot ask it`,
      {
        reason: "MIGRATIONS_UNKNOWN",
        hint: "Name a command that ends with status 0 when nothing is pending: migrations.check in ds.config.ts",
      },
    );
  }
  const answer = await askMigrationCommand(context, config, command, command.check, database);
  if (!answer.isPending) return { ...emptyReport(), command: command.command };
  const pending = new DsError(
    "PENDING",
    `migrations are pending on ${database.what}: \`${command.check}\` exited with status ${answer.status}${lastLines(answer.said)}`,
    { hint: `\`${migrateCommand(request)}\` applies them` },
  );
  throw new MigrationsFailed(pending, { ...emptyReport("pending"), command: command.command });
}

/** What fails on the copy has not touched the target. */
async function rehearse(
  context: Needs,
  config: ProjectConfig,
  command: MigrationCommand,
  target: Target,
): Promise<void> {
  await removeOrphanedBranches(context, target);
  context.output.note(`rehearsing on a copy of ${target.branch.name} first`);
  await withEphemeralBranch(context, target, "rehearsal", ({ name, url }) =>
    runMigrationCommand(context, config, command, {
      url,
      what: `throwaway branch ${name}`,
      discarded: true,
    }),
  ).catch((error: unknown) => {
    if (!(error instanceof DsError) || error.code === "INTERRUPTED") throw error;
    throw error.with({
      message: `the rehearsal failed, and ${target.branch.name} is untouched: ${error.message}`,
    });
  });
}
