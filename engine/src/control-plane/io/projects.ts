import { randomUUID } from "node:crypto";
import { notFound, throwIf, unprocessable } from "../../lib/engine-error.ts";
import type { PermissionRecord, ProjectRecord } from "../../model/records.ts";
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

/** Access for others is only remembered, for clients that manage it. Who has it before keeps that permission. */
export async function grantPermission(
  services: Takes<"catalog" | "records">,
  projectId: string,
  email: string,
): Promise<PermissionRecord> {
  const granted = { id: randomUUID(), email, grantedAt: new Date().toISOString() };
  const isSame = (other: PermissionRecord) => other.email.toLowerCase() === email.toLowerCase();
  await changePermissions(services, projectId, (permissions) =>
    permissions.some(isSame) ? permissions : [...permissions, granted],
  );
  return services.records.project(projectId).permissions?.find(isSame) ?? granted;
}

export async function revokePermission(
  services: Takes<"catalog" | "records">,
  projectId: string,
  permissionId: string,
): Promise<PermissionRecord> {
  const { permissions } = services.records.project(projectId);
  const revoked = permissions?.find(({ id }) => id === permissionId);
  if (revoked === undefined) throw notFound("permission");
  await changePermissions(services, projectId, (current) =>
    current.filter(({ id }) => id !== permissionId),
  );
  return revoked;
}

async function changePermissions(
  { catalog, records }: Takes<"catalog" | "records">,
  projectId: string,
  change: (permissions: PermissionRecord[]) => PermissionRecord[],
): Promise<void> {
  await catalog.commit(() => {
    const project: ProjectRecord = records.project(projectId);
    return { projects: [{ ...project, permissions: change(project.permissions ?? []) }] };
  });
}
