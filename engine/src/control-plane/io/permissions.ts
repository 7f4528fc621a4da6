import { randomUUID } from "node:crypto";
import { notFound } from "../../lib/engine-error.ts";
import type { PermissionRecord, ProjectRecord } from "../../model/records.ts";
import type { Takes } from "./services.ts";

/** Access to projects that was granted to others: remembered for clients that manage it. */

/** Who has been granted it before keeps that permission. */
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
