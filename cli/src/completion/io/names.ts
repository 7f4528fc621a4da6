import type { HasConfig } from "../../config/project-config.ts";
import type { HasEngine } from "../../engine/io/daemon.ts";
import { migrationFolder } from "../../migrations/folder/io/read-folder.ts";
import { rememberedBranchNames } from "../../neon/io/branch-name-cache.ts";
import type { HasNeon } from "../../neon/io/client.ts";
import { apiHost } from "../../neon/io/credentials.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { findProject } from "../../stages/io/project.ts";
import { stageOfBranch } from "../../stages/stage.ts";
import type { Names } from "../completable.ts";

/** A shell waits for the answer at every press of the key. */
export async function namesFor(
  context: Pick<Runtime, "cwd" | "env" | "home" | "signal"> & HasConfig & HasNeon & HasEngine,
  what: Names,
): Promise<string[]> {
  const config = await context.config();
  switch (what) {
    case "migrations":
      return migrationFolder(config, context.cwd).migrations.map(({ name }) => name);
    case "processes":
      return Object.keys(config.processes);
    case "branches":
      return branchNames(context, config.project);
    case "stages": {
      const branches = await branchNames(context, config.project).catch(() => []);
      const own = branches.flatMap((name) => stageOfBranch(name) ?? []);
      return [...new Set([...Object.keys(config.stages), ...own])];
    }
  }
}

/**
 * Of the local engine as they are now, unless it would have to be started; of the cloud as a command
 * last saw them: its API takes too long.
 */
async function branchNames(
  context: Pick<Runtime, "env" | "home" | "signal"> & HasConfig & HasNeon & HasEngine,
  project: string,
): Promise<string[]> {
  if (!apiHost(context) && !(await (await context.engine()).running())) return [];
  const neon = await context.neon();
  if (!neon.local) return rememberedBranchNames(context.home, neon.url, project);
  const found = await findProject(context, project);
  if (found === undefined) return [];
  return (await neon.listBranches(found.id)).map(({ name }) => name);
}
