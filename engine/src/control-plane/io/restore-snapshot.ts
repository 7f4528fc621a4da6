import { throwIf } from "../../lib/engine-error.ts";
import { newBranchName } from "../../model/ids.ts";
import type {
  BranchRecord,
  EndpointRecord,
  OperationRecord,
  ProjectRecord,
} from "../../model/records.ts";
import { maySubscribe } from "../../postgres/io/subscriptions.ts";
import type { BranchBundle, RestoreSnapshotInput } from "../api-types.ts";
import { refuseName } from "../branch-rules.ts";
import { branchFromSnapshot, exchanged } from "../snapshot-records.ts";
import { refuseFinalizing, refuseReplacing, targetMissing } from "../snapshot-rules.ts";
import { discardBranch } from "./branches.ts";
import { openEndpoint } from "./endpoints.ts";
import type { Takes } from "./services.ts";
import { getSnapshot } from "./snapshots.ts";

/** Branches from snapshots, which may take another branch's place. */

type RestoreServices = Takes<
  "catalog" | "records" | "locks" | "operations" | "data" | "computes" | "listeners" | "history"
>;

export async function restoreSnapshot(
  services: RestoreServices,
  projectId: string,
  snapshotId: string,
  wanted: RestoreSnapshotInput,
): Promise<BranchBundle> {
  const { catalog, records, locks, operations, data, history } = services;
  const project = records.project(projectId);
  const snapshot = getSnapshot(services, projectId, snapshotId);
  // The branch that the snapshot was taken of may be gone by now; then there is nothing to replace.
  const target = wanted.targetBranchId
    ? records.branch(projectId, wanted.targetBranchId)
    : catalog.branchesOf(projectId).find(({ id }) => id === snapshot.sourceBranchId);
  if (wanted.finalize && target) throwIf(refuseReplacing(target));
  const parent = target ?? records.defaultBranch(projectId);
  const name = wanted.name ?? `${snapshot.name.slice(0, 200)} restored ${newBranchName()}`;
  throwIf(refuseName(catalog.branchesOf(projectId), name));

  const began = new Date().toISOString();
  const made = await locks.with({ shared: [snapshotId, parent.id] }, async () => {
    const dataDir = await data.copyOf(data.path(snapshot.dataDir));
    const copy = { dataDir, subscriptionsToDrop: maySubscribe(data.path(dataDir)) };
    const branch = branchFromSnapshot(snapshot, target, parent, { ...copy, name });
    const endpoints = await commitPreview(services, project, branch, target);
    history.takeFirst(branch.id);
    const what = { projectId, branchId: branch.id, action: "create_timeline" } as const;
    return { branch, endpoints, operations: [await operations.add(what, began)] };
  });
  if (!wanted.finalize || !target) return made;
  const finalized = await finalizeRestore(services, projectId, made.branch.id, {});
  return {
    branch: records.branch(projectId, made.branch.id),
    endpoints: catalog.endpointsOf(made.branch.id),
    operations: [...made.operations, ...finalized.operations],
  };
}

/** The restored branch beside its target, with an address where that one has one. */
async function commitPreview(
  services: RestoreServices,
  project: ProjectRecord,
  branch: BranchRecord,
  target: BranchRecord | undefined,
): Promise<EndpointRecord[]> {
  const { catalog, computes } = services;
  computes.add(branch);
  const endpoints: EndpointRecord[] = [];
  try {
    const isReached = ({ type }: EndpointRecord) => type === "read_write";
    if (!target || catalog.endpointsOf(target.id).some(isReached)) {
      endpoints.push(await openEndpoint(services, project, branch.id, { type: "read_write" }));
    }
    await catalog.commit(() => {
      throwIf(refuseName(catalog.branchesOf(project.id), branch.name));
      return { branches: [{ branch, endpoints }] };
    });
  } catch (error) {
    await discardBranch(services, branch);
    throw error;
  }
  return endpoints;
}

/** Puts a restored branch in the place of its target; connections wait, and lead to it then. */
export async function finalizeRestore(
  services: Takes<"catalog" | "records" | "locks" | "operations" | "computes" | "listeners">,
  projectId: string,
  branchId: string,
  wanted: { name?: string },
): Promise<{ operations: OperationRecord[] }> {
  const { catalog, locks, operations: log, computes, listeners } = services;
  const { target } = readRestore(services, projectId, branchId);
  const replacedName =
    wanted.name ?? `${target.name.slice(0, 200)} before ${new Date().toISOString().slice(0, 19)}Z`;
  return locks.with({ exclusive: [branchId, target.id] }, async () => {
    const began = new Date().toISOString();
    await computes.of(target.id).whileStopped(() =>
      computes.of(branchId).whileStopped(async () => {
        await catalog.commit(() => {
          const now = readRestore(services, projectId, branchId);
          throwIf(refuseName(catalog.branchesOf(projectId), replacedName));
          const after = exchanged(
            catalog.withEndpoints(now.branch),
            catalog.withEndpoints(now.target),
            replacedName,
          );
          return { branches: [after.restored, after.replaced] };
        });
        listeners.followEndpoints();
      }),
    );
    // They are copies of what their branch was before.
    for (const id of [branchId, target.id]) await computes.stopReplicasOf(id);
    const at = { projectId, branchId };
    const operations = [];
    for (const { id } of catalog.endpointsOf(branchId)) {
      const action = "start_compute";
      operations.push(await log.add({ ...at, endpointId: id, action }, began));
    }
    return { operations };
  });
}

/** A restored branch and the one whose place it can take, as they are now. */
function readRestore(
  { catalog, records }: Takes<"catalog" | "records">,
  projectId: string,
  branchId: string,
): { branch: BranchRecord; target: BranchRecord } {
  const branch = records.branch(projectId, branchId);
  throwIf(refuseFinalizing(branch));
  const target = catalog.branches.get(branch.restore?.targetBranchId ?? "");
  if (!target) throw targetMissing();
  throwIf(refuseReplacing(target));
  return { branch, target };
}
