import { randomUUID } from "node:crypto";
import { notFound, throwIf, unprocessable } from "../../lib/engine-error.ts";
import type { OperationRecord, PermissionRecord, ProjectRecord } from "../../model/records.ts";
import type { ProjectPatch, ProjectResult } from "../api-types.ts";
import { refuseSizing } from "../endpoint-rules.ts";
import { changedProject } from "../project-records.ts";
import { needsRestart, refuseSettings } from "../project-rules.ts";
import { discardBranch } from "./branches.ts";
import type { Takes } from "./services.ts";

/** Projects: their changes and their ends. */

export async function updateProject(
  services: Takes<
    "catalog" | "records" | "settingsCheck" | "computes" | "contents" | "operations" | "postgres"
  >,
  projectId: string,
  patch: ProjectPatch,
): Promise<ProjectResult> {
  const { catalog, records, settingsCheck, postgres } = services;
  const before = records.project(projectId);
  const { pgVersion } = before;
  if (patch.settings) {
    throwIf(refuseSettings(patch.settings, postgres.of(pgVersion).preloadable, before));
  }
  await settingsCheck.check(pgVersion, patch.defaultEndpointSettings?.pgSettings);
  await catalog.commit(() => {
    const updated = changedProject(records.project(projectId), patch);
    throwIf(refuseSizing(updated.defaultEndpointSettings));
    return { projects: [updated] };
  });
  const project = records.project(projectId);
  const operations = needsRestart(before, project) ? await suspendAll(services, project) : [];
  return { project, operations };
}

/** What counts at the start of Postgres: as in the cloud, computes stop, and connections start them. */
async function suspendAll(
  {
    catalog,
    computes,
    contents,
    operations,
  }: Takes<"catalog" | "computes" | "contents" | "operations">,
  { id: projectId }: ProjectRecord,
): Promise<OperationRecord[]> {
  const done: OperationRecord[] = [];
  for (const { id: branchId } of catalog.branchesOf(projectId)) {
    await computes.stopReplicasOf(branchId);
    if (!computes.runningOf(branchId)) continue;
    const began = new Date().toISOString();
    await contents.suspend(branchId);
    const endpointId = catalog.endpointsOf(branchId).find(({ type }) => type === "read_write")?.id;
    const what = { projectId, branchId, ...(endpointId && { endpointId }) };
    done.push(await operations.add({ ...what, action: "suspend_compute" }, began));
  }
  return done;
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
