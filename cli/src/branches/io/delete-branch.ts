import type { HasConfig } from "../../config/project-config.ts";
import { formatBytes } from "../../lib/format/bytes.ts";
import { plural } from "../../lib/format/plural.ts";
import { shellWord } from "../../lib/text/shell-quote.ts";
import type { HasNeon } from "../../neon/io/client.ts";
import { branchNamed } from "../../neon/lookup.ts";
import type { Branch, Project } from "../../neon/model.ts";
import type { HasConfirm } from "../../runtime/io/confirm.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { requireProject } from "../../stages/io/project.ts";
import { deletionRefusal } from "../deletion-refusal.ts";
import { recoveryPoints } from "../recovery-point.ts";
import { settleRecoveryPoints } from "./restore-keeping.ts";

export interface DeletedBranch {
  project: Project;
  branch: Branch;
  /** Its recovery points, which were deleted with it. */
  removed: Branch[];
  /** Those that stay, as other branches fork from them. */
  left: Branch[];
}

/** Deletes a branch and its recovery points, once somebody has confirmed it. */
export async function deleteBranch(
  context: Runtime & HasConfig & HasConfirm & HasNeon,
  name: string,
  yes: boolean,
): Promise<DeletedBranch> {
  const { output } = context;
  const settings = await context.config();
  const api = await context.neon();
  const project = await requireProject(context, settings.project);
  const branches = await api.listBranches(project.id);
  const branch = branchNamed(branches, name, project.name);
  const shared = Object.values(settings.stages).flatMap((stage) => stage.branch ?? []);
  const refusal = deletionRefusal(branch, branches, shared);
  if (refusal) throw refusal;
  const points = recoveryPoints(branch.name, branches);
  const size =
    branch.logicalSizeBytes === undefined ? "" : `, ${formatBytes(branch.logicalSizeBytes)}`;
  const more = points.length === 0 ? "" : ` and its ${plural(points.length, "recovery point")}`;
  await context.confirm({
    message: `Delete the branch ${branch.name} (${branch.id}${size}) of ${project.name}${more}?`,
    yes,
    command: `ds db delete ${shellWord(name)} --yes`,
  });
  await output.step(`Deleting the branch ${branch.name}`, () =>
    api.deleteBranch(project.id, branch.id),
  );
  const removed = await settleRecoveryPoints(async () => api, project.id, branch.name, 0).catch(
    (error: Error) => {
      output.warn(`could not delete the recovery points of ${branch.name}: ${error.message}`);
      return [];
    },
  );
  const gone = new Set(removed.map(({ id }) => id));
  return { project, branch, removed, left: points.filter(({ id }) => !gone.has(id)) };
}
