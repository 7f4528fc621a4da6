import { DsError } from "../../errors/ds-error.ts";
import { branchNamed } from "../../neon/lookup.ts";
import { type ProjectSources, requireProject } from "./project.ts";
import { describeTarget, type HasTarget, type Target } from "./target.ts";

/** What a command that only connects is about: a stage, or any branch of the project by its name. */
export async function stageOrBranch(
  context: ProjectSources & HasTarget,
  { target, branch: name }: { target?: string; branch?: string },
): Promise<Target> {
  if (name === undefined) return context.target(target);
  if (target !== undefined) {
    throw new DsError("USAGE", "--target and --branch both name what to connect to", {
      hint: "Leave one of them out",
    });
  }
  const config = await context.config();
  const neon = await context.neon();
  const project = await requireProject(context, config.project);
  const [branches, endpoints] = await Promise.all([
    neon.listBranches(project.id),
    neon.listEndpoints(project.id),
  ]);
  const branch = branchNamed(branches, name, project.name);
  const stage = {
    name: branch.name,
    kind: "personal" as const,
    project: project.name,
    branch: branch.name,
    protected: branch.protected,
    source: "--target" as const,
    sourceText: "--branch",
  };
  return describeTarget(context, { stage, project, branches, endpoints });
}
