import type { BranchFile } from "../model/branch-file.ts";
import { mergeContents } from "../model/contents.ts";
import type { Fork } from "../model/fork.ts";
import { newBranchId, newPassword } from "../model/ids.ts";
import type { BranchRecord, EndpointRecord, RoleRecord } from "../model/records.ts";

/** The records of a branch made from `parent`, and what a restore makes of existing ones. */

export function forkedBranch(
  parent: BranchRecord,
  fork: Fork,
  wanted: Pick<BranchRecord, "id" | "name" | "protected"> &
    Partial<Pick<BranchRecord, "expiresAt" | "annotation">>,
): BranchRecord {
  const now = new Date().toISOString();
  const held = contentsOf(parent, fork, now);
  const branch: BranchRecord = {
    ...wanted,
    projectId: parent.projectId,
    parentId: parent.id,
    parentTimestamp: fork.at,
    default: false,
    initSource: "parent-data",
    createdAt: now,
    updatedAt: now,
    dataDir: fork.dataDir,
    passwordsToApply: [...parent.passwordsToApply],
    ...held,
  };
  if (fork.contents) branch.parentLsn = fork.lsn ?? fork.contents.lsn;
  if (fork.copiedFrom) branch.copiedFrom = fork.copiedFrom;
  if (parent.protected) return withNewPasswords(branch, now);
  return fork.isPast ? { ...branch, passwordsToApply: withPassword(branch.roles) } : branch;
}

/** Who may read a copy of a protected branch must not thereby know the way into the original. */
function withNewPasswords(branch: BranchRecord, now: string): BranchRecord {
  const roles = branch.roles.map((role) =>
    role.password ? { ...role, password: newPassword(), updatedAt: now } : role,
  );
  return { ...branch, roles, passwordsToApply: withPassword(roles) };
}

function withPassword(roles: RoleRecord[]): string[] {
  return roles.filter((role) => role.password).map((role) => role.name);
}

/**
 * The target after a restore: the source's data and roles, but its own id, name and passwords, so
 * that connection strings go on working.
 */
export function restoredBranch(
  target: BranchRecord,
  source: BranchRecord,
  fork: Fork,
): BranchRecord {
  const now = new Date().toISOString();
  const held = contentsOf(source, fork, now);
  const passwordsToApply = new Set(
    fork.isPast ? withPassword(held.roles) : source.passwordsToApply,
  );
  const roles = held.roles.map((role) => {
    const own = target.roles.find(({ name, password }) => name === role.name && password);
    if (!own) return role;
    // Also where the records agree: the source's may have been changed with SQL.
    passwordsToApply.add(role.name);
    return own;
  });
  const { parentLsn: _, copiedFrom: __, ...rest } = target;
  return {
    ...rest,
    ...held,
    ...(fork.contents ? { parentLsn: fork.lsn ?? fork.contents.lsn } : {}),
    roles,
    parentTimestamp: fork.at,
    dataDir: fork.dataDir,
    passwordsToApply: [...passwordsToApply],
    lastResetAt: now,
    updatedAt: now,
  };
}

/** The state before a restore as a branch of its own, with the children that were made from it. */
export function preservedBranch(
  target: BranchRecord,
  children: BranchFile[],
  name: string,
): { preserved: BranchRecord; children: BranchFile[] } {
  const now = new Date().toISOString();
  const { expiresAt: _, annotation: __, ...rest } = target;
  const preserved: BranchRecord = {
    ...rest,
    id: newBranchId(),
    name,
    default: false,
    protected: false,
    updatedAt: now,
  };
  const moved = children.map(({ branch, endpoints }) => ({
    branch: { ...branch, parentId: preserved.id, updatedAt: now },
    endpoints,
  }));
  return { preserved, children: moved };
}

function contentsOf(source: BranchRecord, fork: Fork, now: string) {
  if (fork.contents) return mergeContents(source, fork.contents, now);
  const held: Pick<BranchRecord, "roles" | "databases" | "logicalSize"> = {
    roles: source.roles,
    databases: source.databases,
  };
  if (source.logicalSize !== undefined) held.logicalSize = source.logicalSize;
  return held;
}

export const touched = <T extends BranchRecord | EndpointRecord>(record: T): T => ({
  ...record,
  updatedAt: new Date().toISOString(),
});
