import type { HasConfig } from "../../config/project-config.ts";
import type { HasGit } from "../../lib/git/io/git.ts";
import type { HasNeon } from "../../neon/io/client.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { secretNameOf } from "../../secrets/name.ts";
import type { HasDeveloper } from "../../stages/io/developer.ts";
import { requireProject } from "../../stages/io/project.ts";
import type { Deployment } from "../deployment.ts";
import { findCloudStage, type StageFlags } from "./find-stage.ts";

/** Finds the stage that is meant, and says which it is. */
export async function findDeployment(
  context: Pick<Runtime, "env" | "home" | "output" | "signal"> &
    HasConfig &
    HasGit &
    HasDeveloper &
    HasNeon,
  flags: StageFlags,
  gitBranch: string | undefined,
): Promise<Deployment> {
  const stage = await findCloudStage(context, flags, gitBranch);
  const config = await context.config();
  const project = await requireProject(context, stage.project);
  context.output.note(`stage ${stage.name}, branch ${stage.branch} of ${project.name}`);
  const secretName = secretNameOf(config.secrets.name, config.project, stage.name);
  return { stage, project, secretName };
}
