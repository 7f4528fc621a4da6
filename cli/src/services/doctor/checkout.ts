import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { version } from "node:process";
import { type ProjectConfig, shownPath } from "../../config.ts";
import type { Context } from "../../context.ts";
import { plural } from "../../core/plural.ts";
import { migrationFolder } from "../migrator-folder.ts";
import type { Examination } from "./examine.ts";

/** What needs no server: this machine's programs, the configuration, the env file, the migrations folder. */
export async function examineCheckout(
  context: Context,
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
    const { file } = found;
    examination.ok(
      "config",
      file === undefined
        ? "none; the defaults for a Drizzle project hold (ds init writes one)"
        : shownPath(file, cwd),
    );
    return found;
  });
  await examination.check("env file", config, (found) =>
    examineEnvFile(context, examination, found),
  );
  await examination.check("migrations", config, async (found) => {
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
  if (config !== undefined) examinePrograms(context, examination, config);
  return config;
}

async function examineEnvFile(
  context: Context,
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
  const [isTracked, mode] = [
    await (await context.git()).wouldTrack(envFile.path),
    statSync(envFile.path).mode,
  ];
  if (isTracked) {
    return examination.warn(
      check,
      `git does not ignore ${shown}, which holds a password`,
      "Add it to .gitignore; if it was committed, change the password too.",
    );
  }
  if ((mode & 0o077) !== 0) {
    return examination.warn(
      check,
      `others on this machine may read ${shown}, which holds a password`,
      `Make it yours alone: chmod 600 ${shown}`,
    );
  }
  examination.ok(check, `${shown}, ignored by git, readable by you alone`);
}

function examinePrograms(
  { env }: Context,
  examination: Examination,
  { infra }: ProjectConfig,
): void {
  const missing = [
    ...(isProgram("psql", env.PATH) ? [] : ["psql, for ds db connect"]),
    ...(infra === undefined || isProgram("pulumi", env.PATH) ? [] : ["pulumi, for ds deploy"]),
  ];
  examination.ok(
    "programs",
    missing.length === 0
      ? "all that ds makes use of are there"
      : `not in the PATH, and needed for one command each: ${missing.join("; ")}`,
  );
}

function isProgram(name: string, path: string | undefined): boolean {
  return (path ?? "").split(delimiter).some((folder) => {
    try {
      const file = join(folder, name);
      accessSync(file, constants.X_OK);
      return statSync(file).isFile();
    } catch {
      return false;
    }
  });
}
