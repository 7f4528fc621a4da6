import { statSync } from "node:fs";
import { version } from "node:process";
import { ledgerLine } from "../../config/drizzle-settings.ts";
import { findMigrationTool } from "../../config/io/find-tool.ts";
import { drizzleConfigOf, refuseDiffering } from "../../config/io/ledger-agreement.ts";
import { migrationsLine } from "../../config/migration-tools.ts";
import type { HasConfig, ProjectConfig } from "../../config/project-config.ts";
import { plural } from "../../lib/format/plural.ts";
import { shownPath } from "../../lib/format/shown-path.ts";
import type { HasGit } from "../../lib/git/io/git.ts";
import { migrationFolder } from "../../migrations/folder/io/read-folder.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { envFilePaths, type HasEnvFile } from "../../stages/io/env-file.ts";
import type { Examination } from "./examination.ts";
import { examineHooks } from "./hooks.ts";
import { examinePrograms } from "./programs.ts";

/** What needs no server: this machine's programs, the configuration, the env file, the migrations folder. */
export async function examineCheckout(
  context: Runtime & HasConfig & HasEnvFile & HasGit,
  examination: Examination,
): Promise<ProjectConfig | undefined> {
  const { cwd, home, version: own } = context;
  examination.ok("ds", `${own} on Node ${version.slice(1)}, home ${home}`);
  await examination.check("git", context, async () => {
    const root = await (await context.git()).root();
    if (root !== undefined) return examination.ok("git", `checkout at ${root}`);
    examination.warn(
      "git",
      "no git, or no checkout here",
      "Cloud stages are named after git branches, and --conflicts compares them.",
    );
  });
  const config = await examination.check("config", context, async () => {
    const found = await context.config();
    const { file, drizzleFile } = found;
    const inferred = drizzleFile
      ? shownPath(drizzleFile, cwd)
      : "the defaults for a Drizzle project";
    examination.ok(
      "config",
      file === undefined
        ? `no ds.config.ts; what holds: ${inferred} (ds init writes one)`
        : shownPath(file, cwd),
    );
    return found;
  });
  if (config !== undefined && examination.isWell("git")) {
    await examination.check("git hooks", config, () => examineHooks(context, examination));
  }
  const drizzle = config?.migrator.kind === "drizzle" ? config : undefined;
  await examination.check("drizzle config", drizzle, (found) =>
    examineDrizzleConfig(context, examination, found),
  );
  await examination.check("env file", config, (found) =>
    examineEnvFile(context, examination, found),
  );
  await examination.check("migrations", config, async (found) => {
    if (found.migrator.kind !== "drizzle") return examineMigrator(examination, found);
    const { migrations, orphans } = migrationFolder(found, cwd);
    const shown = shownPath(found.migrations.folder, cwd);
    if (orphans.length === 0) {
      return examination.ok("migrations", `${plural(migrations.length, "migration")} in ${shown}`);
    }
    examination.warn(
      "migrations",
      `the journal of ${shown} does not list ${orphans.join(", ")}`,
      "Generate them again (ds db generate), or take the files out: nothing ever applies them.",
    );
  });
  if (config !== undefined) await examinePrograms(context, examination, config);
  return config;
}

/** Of other tools' migrations nothing is known here. */
function examineMigrator(examination: Examination, { migrator, root }: ProjectConfig): void {
  const check = "migrations";
  if (migrator.kind === "command") {
    const asks =
      migrator.check === undefined ? "" : `, and ${migrator.check} tells what is pending`;
    examination.ok(check, `applied by ${migrator.command}${asks}; ds does not read them`);
    return;
  }
  const found = findMigrationTool(root);
  if (found === undefined) {
    examination.ok(check, "ds runs none here");
    return;
  }
  examination.warn(
    check,
    `ds runs none here, but these are ${found.tool.name}'s: ${found.by}`,
    `To have them run: ${migrationsLine(found.tool)} in ds.config.ts`,
  );
}

/** Whether Drizzle's own configuration keeps the ledger where ds looks for it. */
async function examineDrizzleConfig(
  context: Pick<Runtime, "cwd" | "env" | "home" | "signal">,
  examination: Examination,
  config: ProjectConfig,
): Promise<void> {
  const check = "drizzle config";
  if (config.migrations.assumed.length === 0) {
    const by = config.drizzleFile === undefined ? "ds.config.ts" : "it";
    return examination.ok(check, `the ledger is named by ${by}`);
  }
  const { drizzle, unreadable } = await drizzleConfigOf(context, config);
  if (drizzle !== undefined) refuseDiffering(context, config, drizzle);
  if (unreadable !== undefined) {
    return examination.warn(
      check,
      unreadable.message,
      `So that it is not needed, name the ledger under \`migrations\` in ds.config.ts: ${ledgerLine(config.migrations.assumed, config.migrations)}`,
    );
  }
  examination.ok(
    check,
    drizzle
      ? `${shownPath(drizzle.file, context.cwd)} has the same ledger`
      : "none for this folder",
  );
}

async function examineEnvFile(
  context: Pick<Runtime, "cwd"> & HasEnvFile & HasGit,
  examination: Examination,
  { envFile }: ProjectConfig,
): Promise<void> {
  const check = "env file";
  const shown = shownPath(envFile.path, context.cwd);
  const file = await context.envFile();
  if (!(await file.exists())) {
    return examination.warn(check, `there is no ${shown} yet`, "Write it: ds setup");
  }
  await file.checkWritable();
  const git = await context.git();
  for (const path of await envFilePaths(file)) {
    const tracking = await git.tracking(path);
    const shownFile = shownPath(path, context.cwd);
    if (tracking === "tracked") {
      return examination.warn(
        check,
        `git has ${shownFile}, which holds a password`,
        `Take it out of git, which keeps the file: git rm --cached ${shownFile}. If it was committed with the password, change that too.`,
      );
    }
    if (tracking === "untracked") {
      return examination.warn(
        check,
        `git does not ignore ${shownFile}, which holds a password`,
        "Have it ignored: ds setup adds it to .gitignore",
      );
    }
  }
  const { mode } = statSync(envFile.path);
  if ((mode & 0o077) !== 0) {
    return examination.warn(
      check,
      `others on this machine may read ${shown}, which holds a password`,
      `Make it yours alone: chmod 600 ${shown}`,
    );
  }
  examination.ok(check, `${shown}, ignored by git, readable by you alone`);
}
