import { notFound } from "../../lib/engine-error.ts";
import type { BackupScheduleItem, SnapshotRecord } from "../../model/records.ts";
import type { CreateSnapshotInput, SnapshotPatch, SnapshotResult } from "../api-types.ts";
import { snapshotOf } from "../snapshot-records.ts";
import { dueEntries } from "../snapshot-schedule.ts";
import { forkBranch } from "./fork-branch.ts";
import type { Takes } from "./services.ts";

/** Snapshots: data directories that no server runs on, from which branches can be made again. */

export function getSnapshot(
  { catalog, records }: Takes<"catalog" | "records">,
  projectId: string,
  snapshotId: string,
): SnapshotRecord {
  records.project(projectId);
  const found = catalog.snapshotsOf(projectId).find(({ id }) => id === snapshotId);
  if (!found) throw notFound("snapshot");
  return found;
}

type CreateServices = Takes<
  "catalog" | "records" | "locks" | "operations" | "data" | "computes" | "history" | "recovery"
>;

export async function createSnapshot(
  services: CreateServices,
  projectId: string,
  branchId: string,
  wanted: CreateSnapshotInput,
): Promise<SnapshotResult> {
  const { catalog, records, locks, operations, data } = services;
  records.branch(projectId, branchId);
  return locks.with({ shared: [branchId] }, async () => {
    const began = new Date().toISOString();
    const fork = await forkBranch(services, branchId, wanted.moment);
    const snapshot = snapshotOf(records.branch(projectId, branchId), fork, wanted);
    try {
      await catalog.commit(() => ({ snapshots: [snapshot] }));
    } catch (error) {
      await data.discard(fork.dataDir);
      throw error;
    }
    const what = { projectId, branchId, action: "create_timeline" } as const;
    return { snapshot, operations: [await operations.add(what, began)] };
  });
}

export async function updateSnapshot(
  services: Takes<"catalog" | "records">,
  projectId: string,
  snapshotId: string,
  patch: SnapshotPatch,
): Promise<SnapshotRecord> {
  await services.catalog.commit(() => {
    const { expiresAt: before, ...rest } = getSnapshot(services, projectId, snapshotId);
    const expiresAt = patch.expiresAt === undefined ? before : (patch.expiresAt ?? undefined);
    const updated: SnapshotRecord = {
      ...rest,
      name: patch.name ?? rest.name,
      ...(expiresAt ? { expiresAt } : {}),
      updatedAt: new Date().toISOString(),
    };
    return { snapshots: [updated] };
  });
  return getSnapshot(services, projectId, snapshotId);
}

type DeletionServices = Takes<"catalog" | "records" | "locks" | "operations" | "data">;

export async function deleteSnapshot(
  services: DeletionServices,
  projectId: string,
  snapshotId: string,
): Promise<Pick<SnapshotResult, "operations">> {
  const { catalog, locks, operations, data } = services;
  const began = new Date().toISOString();
  const snapshot = getSnapshot(services, projectId, snapshotId);
  return locks.with({ exclusive: [snapshotId] }, async () => {
    await catalog.commit(() => {
      getSnapshot(services, projectId, snapshotId);
      return { removedSnapshots: [snapshot] };
    });
    await data.discard(snapshot.dataDir);
    return { operations: [await operations.add({ projectId, action: "delete_timeline" }, began)] };
  });
}

export async function setSnapshotSchedule(
  { catalog, records }: Takes<"catalog" | "records">,
  projectId: string,
  branchId: string,
  items: BackupScheduleItem[],
): Promise<void> {
  const setAt = new Date().toISOString();
  await catalog.commit(() => {
    const { backupSchedule: _, ...branch } = records.branch(projectId, branchId);
    const changed = items.length > 0 ? { ...branch, backupSchedule: { items, setAt } } : branch;
    return { branches: [catalog.withEndpoints(changed)] };
  });
}

/** Takes the snapshots that schedules ask for, and deletes those that have expired. */
export async function maintainSnapshots(
  services: CreateServices & DeletionServices & Takes<"log">,
  now = Date.now(),
): Promise<void> {
  const { catalog, log } = services;
  const snapshots = [...catalog.snapshots.values()];
  for (const { projectId, id, name, expiresAt } of snapshots) {
    if (!expiresAt || Date.parse(expiresAt) > now) continue;
    await deleteSnapshot(services, projectId, id).catch((error: Error) => {
      log(`deleting the expired snapshot ${name} failed: ${error.message}`);
    });
  }
  for (const branch of [...catalog.branches.values()]) {
    for (const { frequency, retention_seconds } of dueEntries(branch, snapshots, now)) {
      const kept = retention_seconds && new Date(now + retention_seconds * 1000).toISOString();
      const wanted = { scheduledFor: frequency, ...(kept ? { expiresAt: kept } : {}) };
      await createSnapshot(services, branch.projectId, branch.id, wanted).catch((error: Error) => {
        log(`the ${frequency} snapshot of ${branch.name} failed: ${error.message}`);
      });
    }
  }
}
