import type { HasConfig } from "../../config/project-config.ts";
import { DsError } from "../../errors/ds-error.ts";
import type { HasGit } from "../../lib/git/io/git.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { developerVariable, type HasDeveloper } from "../../stages/io/developer.ts";
import { checkDeveloper } from "../../stages/stage.ts";
import { type CloudStage, cloudStage } from "../cloud-stage.ts";
import { currentActionsRun } from "./github-actions.ts";

export interface StageFlags {
  developer: string | undefined;
  stage: string | undefined;
  branch: string | undefined;
  pr: string | undefined;
}

/** The cloud stage that flags, the run of GitHub Actions or the checkout name. */
export async function findCloudStage(
  context: Pick<Runtime, "env"> & HasConfig & HasGit & HasDeveloper,
  flags: StageFlags,
  argument: string | undefined,
): Promise<CloudStage> {
  if (argument !== undefined && flags.branch !== undefined && argument !== flags.branch) {
    throw new DsError("USAGE", `two git branches are named: ${argument} and ${flags.branch}`, {
      hint: "Give one, as the argument or with --branch.",
    });
  }
  const named = flags.developer ?? developerVariable(context);
  return cloudStage({
    shared: await context.config(),
    stage: flags.stage,
    branch: argument ?? flags.branch,
    pullRequest: flags.pr,
    namedDeveloper:
      named && checkDeveloper(named, flags.developer ? "--developer" : "DS_DEVELOPER"),
    developer: async () => (await context.developer()).name,
    actions: await currentActionsRun(context),
    gitBranch: async () => (await context.git()).currentBranch(),
  });
}
