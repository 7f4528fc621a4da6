import { DsError } from "../../errors/ds-error.ts";
import type { HasConfirm } from "../../runtime/io/confirm.ts";
import { joinProject } from "../../stages/io/project.ts";
import type { BoundProject } from "../../stages/project-binding.ts";
import type { NewProject, ProjectBuilder } from "./build-project.ts";
import { ensureProject } from "./ensure-project.ts";

/**
 * The project, made when it is not there. Where the repository in this folder has another remote or first commit than
 * before, a person is asked whether it is still the same.
 */
export async function ownProject(
  context: ProjectBuilder & HasConfirm,
  wanted: NewProject,
): Promise<BoundProject & { created: boolean }> {
  try {
    return await ensureProject(context, wanted);
  } catch (error) {
    if (!(error instanceof DsError) || error.reason !== "REPOSITORY_CHANGED") throw error;
    if (!context.interactive) throw error;
    const { project, unbound } = error.details as {
      project: { id: string; name: string };
      unbound: { before: string; now: string };
    };
    await context.confirm({
      message: `The project ${project.name} (${project.id}) belongs to ${unbound.before}, and the repository in this folder is now ${unbound.now}. Is that still the same repository?`,
      yes: false,
      command: `ds setup --project ${project.id}`,
    });
    await joinProject(context, project.id);
    return await ensureProject(context, wanted);
  }
}
