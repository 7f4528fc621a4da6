import { notFound, unprocessable } from "../../lib/engine-error.ts";
import type { Fork } from "../../model/fork.ts";
import { newBranchName } from "../../model/ids.ts";
import type { PointInTime } from "../../model/point-in-time.ts";
import type {
  BackupScheduleItem,
  BranchRecord,
  EndpointRecord,
  OperationRecord,
  ProjectRecord,
  SnapshotRecord,
} from "../../model/records.ts";
import type { Catalog } from "../../storage/io/catalog.ts";
import type { BranchData } from "../../storage/io/data-directories.ts";
import type { BranchBundle, CreateEndpointInput, SnapshotTransitions } from "../api.ts";
import { refuseName } from "../branch-rules.ts";
import {
  branchFromSnapshot,
  exchanged,
  type SnapshotWishes,
  snapshotOf,
} from "../snapshot-records.ts";
import { dueEntries } from "../snapshot-schedule.ts";
import type { BranchLocks } from "./branch-locks.ts";
import type { ComputePool } from "./compute-pool.ts";
import type { Operations } from "./operations.ts";

/** What snapshots need of the control plane that they are a part of. */
export interface SnapshotHost {
  catalog: Catalog;
  data: BranchData;
  computes: ComputePool;
  locks: BranchLocks;
  operations: Operations;
  log: (line: string) => void;
  getProject(projectId: string): ProjectRecord;
  getBranch(projectId: string, branchId: string): BranchRecord;
  /** A copy of the branch's data; the caller holds the branch. */
  fork(branchId: string, moment: PointInTime | undefined): Promise<Fork>;
  newEndpoint(
    project: ProjectRecord,
    branchId: string,
    input: CreateEndpointInput,
  ): Promise<EndpointRecord>;
  takeFirstBaseBackup(branchId: string): void;
}

/** Snapshots: data directories that no server runs on, from which branches can be made again. */
export class Snapshots implements SnapshotTransitions {
  readonly #host: SnapshotHost;

  constructor(host: SnapshotHost) {
    this.#host = host;
  }

  list(projectId: string): SnapshotRecord[] {
    this.#host.getProject(projectId);
    return this.#host.catalog.snapshotsOf(projectId);
  }

  get(projectId: string, snapshotId: string): SnapshotRecord {
    const found = this.list(projectId).find(({ id }) => id === snapshotId);
    if (!found) throw notFound("snapshot");
    return found;
  }

  async create(
    projectId: string,
    branchId: string,
    wanted: SnapshotWishes & { moment?: PointInTime | undefined },
  ): Promise<{ snapshot: SnapshotRecord; operations: OperationRecord[] }> {
    const { catalog, data, locks } = this.#host;
    this.#host.getBranch(projectId, branchId);
    return locks.with({ shared: [branchId] }, async () => {
      const began = new Date().toISOString();
      const fork = await this.#host.fork(branchId, wanted.moment);
      const snapshot = snapshotOf(this.#host.getBranch(projectId, branchId), fork, wanted);
      try {
        await catalog.commit(() => ({ snapshots: [snapshot] }));
      } catch (error) {
        await data.discard(fork.dataDir);
        throw error;
      }
      return { snapshot, operations: [await this.#done(projectId, branchId, began)] };
    });
  }

  async update(
    projectId: string,
    snapshotId: string,
    patch: { name?: string; expiresAt?: string | null },
  ): Promise<SnapshotRecord> {
    await this.#host.catalog.commit(() => {
      const { expiresAt: before, ...rest } = this.get(projectId, snapshotId);
      const expiresAt = patch.expiresAt === undefined ? before : (patch.expiresAt ?? undefined);
      const updated: SnapshotRecord = {
        ...rest,
        name: patch.name ?? rest.name,
        ...(expiresAt ? { expiresAt } : {}),
        updatedAt: new Date().toISOString(),
      };
      return { snapshots: [updated] };
    });
    return this.get(projectId, snapshotId);
  }

  async delete(projectId: string, snapshotId: string): Promise<{ operations: OperationRecord[] }> {
    const began = new Date().toISOString();
    const snapshot = this.get(projectId, snapshotId);
    return this.#host.locks.with({ exclusive: [snapshotId] }, async () => {
      await this.#host.catalog.commit(() => {
        this.get(projectId, snapshotId);
        return { removedSnapshots: [snapshot] };
      });
      await this.#host.data.discard(snapshot.dataDir);
      const { operations } = this.#host;
      return {
        operations: [await operations.add({ projectId, action: "delete_timeline" }, began)],
      };
    });
  }

  async restore(
    projectId: string,
    snapshotId: string,
    wanted: { name?: string; targetBranchId?: string; finalize: boolean },
  ): Promise<BranchBundle> {
    const { catalog, computes, data, locks } = this.#host;
    const project = this.#host.getProject(projectId);
    const snapshot = this.get(projectId, snapshotId);
    // The branch that the snapshot was taken of may be gone by now; then there is nothing to replace.
    const target = wanted.targetBranchId
      ? this.#host.getBranch(projectId, wanted.targetBranchId)
      : catalog.branchesOf(projectId).find(({ id }) => id === snapshot.sourceBranchId);
    if (wanted.finalize && target) refuseReplacing(target);
    const parent = target ?? catalog.branchesOf(projectId).find((branch) => branch.default);
    if (!parent) throw notFound("default branch");
    const name = wanted.name ?? `${snapshot.name.slice(0, 200)} restored ${newBranchName()}`;
    throwIf(refuseName(catalog.branchesOf(projectId), name));

    const began = new Date().toISOString();
    const made = await locks.with({ shared: [snapshotId, parent.id] }, async () => {
      const dataDir = await data.copyOf(data.path(snapshot.dataDir));
      const branch = branchFromSnapshot(snapshot, target, parent, { dataDir, name });
      computes.add(branch);
      const endpoints: EndpointRecord[] = [];
      try {
        if (!target || catalog.endpointsOf(target.id).length > 0) {
          const type = "read_write";
          endpoints.push(await this.#host.newEndpoint(project, branch.id, { type }));
        }
        await catalog.commit(() => {
          throwIf(refuseName(catalog.branchesOf(projectId), name));
          return { branches: [{ branch, endpoints }] };
        });
      } catch (error) {
        await computes.remove(branch.id);
        await data.discard(dataDir);
        throw error;
      }
      this.#host.takeFirstBaseBackup(branch.id);
      const operations = [await this.#done(projectId, branch.id, began)];
      return { branch, endpoints, operations };
    });
    if (!wanted.finalize || !target) return made;
    const { operations } = await this.finalize(projectId, made.branch.id, {});
    return {
      branch: this.#host.getBranch(projectId, made.branch.id),
      endpoints: catalog.endpointsOf(made.branch.id),
      operations: [...made.operations, ...operations],
    };
  }

  async finalize(
    projectId: string,
    branchId: string,
    wanted: { name?: string },
  ): Promise<{ operations: OperationRecord[] }> {
    const { catalog, computes, locks } = this.#host;
    const read = () => {
      const branch = this.#host.getBranch(projectId, branchId);
      const { restore } = branch;
      if (!restore) {
        throw unprocessable(
          "BRANCH_NOT_FROM_SNAPSHOT",
          "the branch is not one that was restored from a snapshot",
        );
      }
      if (restore.status === "finalized")
        throw unprocessable("RESTORE_ALREADY_FINALIZED", "the restore is already finalized");
      const target = catalog.branches.get(restore.targetBranchId ?? "");
      if (!target)
        throw unprocessable(
          "RESTORE_TARGET_MISSING",
          "the branch that it would replace does not exist any more",
        );
      refuseReplacing(target);
      return { branch, target };
    };
    const { target } = read();
    const replacedName =
      wanted.name ??
      `${target.name.slice(0, 200)} before ${new Date().toISOString().slice(0, 19)}Z`;
    return locks.with({ exclusive: [branchId, target.id] }, async () => {
      const began = new Date().toISOString();
      await computes.of(target.id).whileStopped(() =>
        computes.of(branchId).whileStopped(async () => {
          await catalog.commit(() => {
            const now = read();
            throwIf(refuseName(catalog.branchesOf(projectId), replacedName));
            const after = exchanged(
              catalog.withEndpoints(now.branch),
              catalog.withEndpoints(now.target),
              replacedName,
            );
            return { branches: [after.restored, after.replaced] };
          });
          computes.followEndpoints();
        }),
      );
      const at = { projectId, branchId };
      const operations = [];
      for (const { id } of catalog.endpointsOf(branchId)) {
        const action = "start_compute";
        operations.push(await this.#host.operations.add({ ...at, endpointId: id, action }, began));
      }
      return { operations };
    });
  }

  schedule(projectId: string, branchId: string): BackupScheduleItem[] {
    return this.#host.getBranch(projectId, branchId).backupSchedule?.items ?? [];
  }

  async setSchedule(
    projectId: string,
    branchId: string,
    items: BackupScheduleItem[],
  ): Promise<void> {
    const setAt = new Date().toISOString();
    await this.#host.catalog.commit(() => {
      const { backupSchedule: _, ...branch } = this.#host.getBranch(projectId, branchId);
      const changed = items.length > 0 ? { ...branch, backupSchedule: { items, setAt } } : branch;
      return { branches: [this.#host.catalog.withEndpoints(changed)] };
    });
  }

  async runMaintenance(now = Date.now()): Promise<void> {
    const { catalog, log } = this.#host;
    const snapshots = [...catalog.snapshots.values()];
    for (const { projectId, id, name, expiresAt } of snapshots) {
      if (!expiresAt || Date.parse(expiresAt) > now) continue;
      await this.delete(projectId, id).catch((error: Error) => {
        log(`deleting the expired snapshot ${name} failed: ${error.message}`);
      });
    }
    for (const branch of [...catalog.branches.values()]) {
      for (const { frequency, retention_seconds } of dueEntries(branch, snapshots, now)) {
        const kept = retention_seconds && new Date(now + retention_seconds * 1000).toISOString();
        const wanted = { scheduledFor: frequency, ...(kept ? { expiresAt: kept } : {}) };
        await this.create(branch.projectId, branch.id, wanted).catch((error: Error) => {
          log(`the ${frequency} snapshot of ${branch.name} failed: ${error.message}`);
        });
      }
    }
  }

  #done(projectId: string, branchId: string, began: string): Promise<OperationRecord> {
    return this.#host.operations.add({ projectId, branchId, action: "create_timeline" }, began);
  }
}

function refuseReplacing(target: BranchRecord): void {
  if (target.protected)
    throw unprocessable("BRANCH_PROTECTED", "cannot restore a protected branch");
}

function throwIf(refusal: Error | undefined): void {
  if (refusal) throw refusal;
}
