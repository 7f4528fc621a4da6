import type { BranchFile } from "../model/branch-file.ts";
import { descentOfCopy } from "../model/descent.ts";
import type { Fork } from "../model/fork.ts";
import { newBranchId, newSnapshotId } from "../model/ids.ts";
import type { BranchRecord, EndpointRecord, RoleRecord, SnapshotRecord } from "../model/records.ts";
import { forkedBranch } from "./branch-records.ts";
import { notFromSnapshot } from "./snapshot-rules.ts";

/** Records of snapshots, and of the branches that are restored from them. */

export interface SnapshotWishes {
  name?: string;
  expiresAt?: string;
  scheduledFor?: SnapshotRecord["scheduledFor"];
}

export function snapshotOf(
  branch: BranchRecord,
  fork: Fork,
  wanted: SnapshotWishes,
): SnapshotRecord {
  const now = new Date().toISOString();
  // The roles and databases of that moment are found as for a branch.
  const { id, parentLsn, roles, databases, logicalSize, initSource, descent } = forkedBranch(
    { ...branch, protected: false },
    fork,
    { id: newSnapshotId(), name: branch.name, protected: false },
  );
  return {
    id,
    projectId: branch.projectId,
    name: wanted.name ?? `${branch.name} at ${fork.at.slice(0, 19)}Z`,
    sourceBranchId: branch.id,
    timestamp: fork.at,
    ...(parentLsn ? { lsn: parentLsn } : {}),
    createdAt: now,
    updatedAt: now,
    ...(wanted.expiresAt ? { expiresAt: wanted.expiresAt } : {}),
    ...(wanted.scheduledFor ? { scheduledFor: wanted.scheduledFor } : {}),
    dataDir: fork.dataDir,
    ...(descent && { descent }),
    image: { roles, databases, initSource, ...(logicalSize === undefined ? {} : { logicalSize }) },
  };
}

/**
 * A branch with the snapshot's data, below the branch that it may replace, and with that one's
 * passwords, so that connection strings go on working when it does.
 */
export function branchFromSnapshot(
  snapshot: SnapshotRecord,
  target: BranchRecord | undefined,
  parent: BranchRecord,
  wanted: Pick<BranchRecord, "dataDir" | "name" | "subscriptionsToDrop">,
): BranchRecord {
  const now = new Date().toISOString();
  const roles = snapshot.image.roles.map(
    (role): RoleRecord =>
      target?.roles.find(({ name, password }) => name === role.name && password) ?? role,
  );
  // No server ever runs on a snapshot's own data.
  const { dataDir: copiedFrom, timestamp } = snapshot;
  const descent = descentOfCopy(snapshot, { copiedFrom, at: timestamp, position: { open: [] } });
  return {
    ...snapshot.image,
    ...wanted,
    ...(descent && { descent }),
    id: newBranchId(),
    projectId: snapshot.projectId,
    parentId: parent.id,
    parentTimestamp: snapshot.timestamp,
    ...(snapshot.lsn ? { parentLsn: snapshot.lsn } : {}),
    default: false,
    protected: false,
    createdAt: now,
    updatedAt: now,
    roles,
    passwordsToApply: roles.filter(({ password }) => password).map(({ name }) => name),
    restore: {
      snapshotId: snapshot.id,
      ...(target ? { targetBranchId: target.id } : {}),
      status: "restored",
    },
  };
}

/**
 * Both branches after the restored one took the other's place: its name, its position, what it is to
 * the project, and its endpoints. The one that was replaced stays, with the preview's endpoint.
 */
export function exchanged(
  restored: BranchFile,
  replaced: BranchFile,
  nameOfReplaced: string,
): { restored: BranchFile; replaced: BranchFile } {
  const now = new Date().toISOString();
  const { expiresAt, annotation, backupSchedule, parentId, ...old } = replaced.branch;
  const { parentId: _, expiresAt: __, ...fresh } = restored.branch;
  if (!fresh.restore) throw notFromSnapshot();
  const moved = (endpoints: EndpointRecord[], branchId: string) =>
    endpoints.map((endpoint) => ({ ...endpoint, branchId, updatedAt: now }));
  return {
    restored: {
      branch: {
        ...fresh,
        ...(parentId ? { parentId } : {}),
        ...(expiresAt ? { expiresAt } : {}),
        ...(annotation ? { annotation } : {}),
        ...(backupSchedule ? { backupSchedule } : {}),
        name: old.name,
        default: old.default,
        protected: old.protected,
        restore: { ...fresh.restore, targetBranchId: old.id, status: "finalized" },
        lastResetAt: now,
        updatedAt: now,
      },
      endpoints: moved(replaced.endpoints, fresh.id),
    },
    replaced: {
      branch: {
        ...old,
        name: nameOfReplaced,
        parentId: fresh.id,
        default: false,
        protected: false,
        updatedAt: now,
      },
      endpoints: moved(restored.endpoints, old.id),
    },
  };
}
