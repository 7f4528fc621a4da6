import type { BranchFile } from "../model/branch-file.ts";
import { mergeContents } from "../model/contents.ts";
import { descentOfCopy, type Line } from "../model/descent.ts";
import { contentsOf, type Fork, lsnOf } from "../model/fork.ts";
import { newBranchId, newPassword } from "../model/ids.ts";
import type { BranchRecord, EndpointRecord, RoleRecord } from "../model/records.ts";

/** The records of a branch made from `parent`, and what a restore makes of existing ones. */

export function forkedBranch(
  parent: BranchRecord,
  fork: Fork,
  wanted: Pick<BranchRecord, "id" | "name" | "protected"> &
    Partial<Pick<BranchRecord, "expiresAt" | "annotation" | "anonymization">>,
): BranchRecord {
  const now = new Date().toISOString();
  const held = heldBy(parent, fork, now);
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
  const parentLsn = lsnOf(fork);
  if (parentLsn) branch.parentLsn = parentLsn;
  if (fork.kind !== "empty") branch.copiedFrom = fork.copiedFrom;
  Object.assign(branch, descentOf(parent, fork));
  if (parent.protected) return withNewPasswords(branch, now);
  if (fork.kind !== "past") return branch;
  return { ...branch, passwordsToApply: withPassword(branch.roles) };
}

/**
 * A branch whose data is about to be copied into `dataDir`. All passwords are set at its first start: they may be
 * changed in the parent until the copy is made, and the answer has told them.
 */
export function pendingBranch(
  parent: BranchRecord,
  dataDir: string,
  wanted: Parameters<typeof forkedBranch>[2],
  operationIds: string[],
): BranchRecord {
  const at = new Date().toISOString();
  const copiedFrom = parent.dataDir;
  const branch = forkedBranch(parent, { kind: "sleeping", dataDir, at, copiedFrom }, wanted);
  const pending = { kind: "create" as const, operationIds };
  return { ...branch, passwordsToApply: withPassword(branch.roles), pending };
}

/** The same once its data is there. */
export function completedBranch(
  branch: BranchRecord,
  parent: BranchRecord,
  fork: Fork,
): BranchRecord {
  const now = new Date().toISOString();
  const { pending: _, ...rest } = branch;
  // Roles that the parent got since; those of a protected one keep their passwords to themselves.
  const others = parent.protected ? [] : parent.roles.filter(isNotOf(branch));
  const held = heldBy({ ...branch, roles: [...branch.roles, ...others] }, fork, now);
  const parentLsn = lsnOf(fork);
  return {
    ...rest,
    ...held,
    ...(parentLsn ? { parentLsn } : {}),
    ...(fork.kind !== "empty" && { copiedFrom: fork.copiedFrom }),
    ...descentOf(parent, fork),
    parentTimestamp: fork.at,
    passwordsToApply: withPassword(held.roles),
    updatedAt: now,
  };
}

const isNotOf =
  ({ roles }: BranchRecord) =>
  ({ name }: RoleRecord) =>
    !roles.some((role) => role.name === name);

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
  const held = heldBy(source, fork, now);
  const passwordsToApply = new Set(
    fork.kind === "past" ? withPassword(held.roles) : source.passwordsToApply,
  );
  const roles = held.roles.map((role) => {
    const own = target.roles.find(({ name, password }) => name === role.name && password);
    if (!own) return role;
    // Also where the records agree: the source's may have been changed with SQL.
    passwordsToApply.add(role.name);
    return own;
  });
  const {
    parentLsn: _,
    copiedFrom: __,
    descent: ___,
    subscriptionsToDrop: ____,
    pending: _____,
    ...rest
  } = target;
  const parentLsn = lsnOf(fork);
  return {
    ...rest,
    ...held,
    ...(parentLsn ? { parentLsn } : {}),
    ...descentOf(source, fork),
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
  const { expiresAt: _, annotation: __, pending: ___, ...rest } = target;
  const preserved: BranchRecord = {
    ...rest,
    id: newBranchId(),
    name,
    preservedFrom: target.id,
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

/**
 * The parent of a branch after a restore. One that gets a state of its own back also gets back the parent it had then:
 * data directories do not depend on each other here, so the state that was kept can be deleted at any time.
 */
export function parentAfterRestore(target: BranchRecord, source: BranchRecord): string | undefined {
  if (source.id === target.id) return target.parentId;
  return source.preservedFrom === target.id ? source.parentId : source.id;
}

function descentOf(source: Line, fork: Fork): Pick<BranchRecord, "descent"> {
  const descent = fork.kind === "empty" ? undefined : descentOfCopy(source, fork);
  return descent ? { descent } : {};
}

type Held = Pick<BranchRecord, "roles" | "databases" | "logicalSize" | "subscriptionsToDrop">;

function heldBy(source: BranchRecord, fork: Fork, now: string): Held {
  const held = contentsHeldBy(source, fork, now);
  return fork.subscribes ? { ...held, subscriptionsToDrop: true } : held;
}

function contentsHeldBy(source: BranchRecord, fork: Fork, now: string): Held {
  const contents = contentsOf(fork);
  if (contents) return mergeContents(source, contents, now);
  const held: Held = {
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
