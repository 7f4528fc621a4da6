import { throwIf, unprocessable } from "../../lib/engine-error.ts";
import type { ProjectRecord } from "../../model/records.ts";
import type { ProjectPatch } from "../api-types.ts";
import { refuseSizing } from "../endpoint-rules.ts";
import { changedProject } from "../project-records.ts";
import { discardBranch } from "./branches.ts";
import type { Takes } from "./services.ts";

/** Projects: their changes and their ends. */

export async function updateProject(
  { catalog, records, settingsCheck }: Takes<"catalog" | "records" | "settingsCheck">,
  projectId: string,
  patch: ProjectPatch,
): Promise<ProjectRecord> {
  records.project(projectId);
  await settingsCheck.check(patch.defaultEndpointSettings?.pgSettings);
  await catalog.commit(() => {
    const updated = changedProject(records.project(projectId), patch);
    throwIf(refuseSizing(updated.defaultEndpointSettings));
    return { projects: [updated] };
  });
  return records.project(projectId);
}

export async function deleteProject(
  services: Takes<"catalog" | "records" | "locks" | "computes" | "listeners" | "data">,
  projectId: string,
): Promise<ProjectRecord> {
  const { catalog, records, locks, computes, data } = services;
  const project = records.project(projectId);
  const branches = catalog.branchesOf(projectId);
  const snapshots = catalog.snapshotsOf(projectId);
  if (branches.some((branch) => branch.protected)) {
    throw unprocessable(
      "PROJECT_HAS_PROTECTED_BRANCHES",
      "cannot delete a project that has protected branches",
    );
  }
  const ids = branches.map((branch) => branch.id);
  const exclusive = [...ids, ...snapshots.map(({ id }) => id)];
  await locks.with({ exclusive }, async () => {
    for (const id of ids) await computes.of(id).stop();
    await catalog.commit(() => ({
      removedBranches: branches,
      removedSnapshots: snapshots,
      removedProjects: [project],
    }));
    for (const branch of branches) await discardBranch(services, branch);
    for (const { dataDir } of snapshots) await data.discard(dataDir);
  });
  return project;
}
