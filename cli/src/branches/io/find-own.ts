import type { HasConfig } from "../../config/project-config.ts";
import { branchNamed } from "../../neon/lookup.ts";
import type { Branch } from "../../neon/model.ts";
import type { HasDeveloper } from "../../stages/io/developer.ts";
import { type ProjectSources, requireProject } from "../../stages/io/project.ts";
import type { BoundProject } from "../../stages/project-binding.ts";
import { branchOfStage } from "../../stages/stage.ts";
import type { Oneself } from "../refusals.ts";

export interface FoundBranch {
  project: BoundProject;
  branches: Branch[];
  branch: Branch;
  oneself: Oneself;
}

/** A branch of the configuration's project by its name or id, or by its stage's name; with who asks. */
export async function findBranch(
  context: ProjectSources & HasConfig & HasDeveloper,
  name: string,
): Promise<FoundBranch> {
  const config = await context.config();
  const neon = await context.neon();
  const project = await requireProject(context, config.project);
  const branches = await neon.listBranches(project.id);
  const ofStage = branches.find((branch) => branch.name === branchOfStage(name));
  const isBranch = branches.some((branch) => branch.name === name || branch.id === name);
  const branch = isBranch || !ofStage ? branchNamed(branches, name, project.name) : ofStage;
  const oneself = {
    developer: (await context.developer()).name,
    isLocal: neon.local,
    sharedBranches: Object.values(config.stages).flatMap((stage) => stage.branch ?? []),
  };
  return { project, branches, branch, oneself };
}
