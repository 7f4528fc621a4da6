import { throwIf } from "../../lib/engine-error.ts";
import { newBranchName, newDataDir } from "../../model/ids.ts";
import type {
  BranchRecord,
  EndpointRecord,
  OperationRecord,
  SnapshotRecord,
} from "../../model/records.ts";
import { maySubscribe } from "../../postgres/io/subscriptions.ts";
import type { Begun } from "../../under-way/io/background-work.ts";
import { newOperation } from "../../under-way/io/operations.ts";
import type { BranchBundle, RestoreSnapshotInput } from "../api-types.ts";
import { refuseName } from "../branch-rules.ts";
import { branchFromSnapshot, exchanged } from "../snapshot-records.ts";
import { refuseFinalizing, refuseReplacing, targetMissing } from "../snapshot-rules.ts";
import { discardBranch } from "./branches.ts";
import { openEndpoint } from "./endpoints.ts";
import type { Takes } from "./services.ts";
import { getSnapshot } from "./snapshots.ts";

/** Branches from snapshots, which may take another branch's place. */

type FinalizeServices = Takes<"catalog" | "records" | "computes" | "listeners">;

type RestoreServices = FinalizeServices &
  Takes<"locks" | "operations" | "data" | "history" | "background">;

interface Plan {
  snapshot: SnapshotRecord;
  /** Whose place the branch can take. */
  target: BranchRecord | undefined;
  finalize: boolean;
  branch: BranchRecord;
}

export async function restoreSnapshot(
  services: RestoreServices,
  projectId: string,
  snapshotId: string,
  wanted: RestoreSnapshotInput,
): Promise<BranchBundle> {
  const { catalog, records, background } = services;
  const snapshot = getSnapshot(services, projectId, snapshotId);
  // The branch that the snapshot was taken of may be gone by now; then there is nothing to replace.
  const target = wanted.targetBranchId
    ? records.branch(projectId, wanted.targetBranchId)
    : catalog.branchesOf(projectId).find(({ id }) => id === snapshot.sourceBranchId);
  const finalize = wanted.finalize && target !== undefined;
  if (finalize) throwIf(refuseReplacing(target));
  const parent = target ?? records.defaultBranch(projectId);
  const name = wanted.name ?? `${snapshot.name.slice(0, 200)} restored ${newBranchName()}`;
  throwIf(refuseName(catalog.branchesOf(projectId), name));
  const branch = branchFromSnapshot(snapshot, target, parent, { dataDir: newDataDir(), name });
  const plan = { snapshot, target, finalize, branch };
  const changed = [branch.id, ...(finalize ? [target.id] : [])];
  return background.begin({
    what: `restoring the snapshot ${snapshot.name}`,
    branchIds: changed,
    want: { shared: [snapshotId, parent.id], exclusive: changed },
    prepare: async () =>
      (await services.data.takesLong(snapshot.dataDir))
        ? beginRestore(services, plan)
        : restoreNow(services, plan),
  });
}

async function restoreNow(services: RestoreServices, plan: Plan): Promise<Begun<BranchBundle>> {
  const { catalog, records, operations: log } = services;
  const creation = creationOf(plan);
  const copied = await copyOf(services, plan);
  const { branch } = await commitPreview(services, plan, copied);
  services.history.takeFirst(branch.id);
  const operations = [creation];
  if (plan.finalize) {
    await takePlace(services, branch.projectId, branch.id, {});
    operations.push(...startsOf(services, branch));
  }
  for (const operation of operations) await log.begin(operation);
  const answer = {
    branch: records.anyBranch(branch.id),
    endpoints: catalog.endpointsOf(branch.id),
    operations,
  };
  return { answer, operations };
}

/** The same of a snapshot that is copied for long: its branch is answered as one that is being made. */
async function beginRestore(services: RestoreServices, plan: Plan): Promise<Begun<BranchBundle>> {
  const { catalog, records, computes, listeners, history, operations: log } = services;
  const creation = creationOf(plan);
  const operationIds = [creation.id];
  const pending = { kind: "create" as const, operationIds };
  const { branch, endpoints } = await commitPreview(services, plan, { ...plan.branch, pending });
  const operations = [await log.begin(creation)];
  const { id, projectId } = branch;
  if (plan.finalize && plan.target) listeners.disconnectFrom(plan.target.id);
  return {
    answer: { branch, endpoints, operations },
    operations,
    rest: async (tell) => {
      const what = { projectId, operationIds, source: plan.snapshot.name };
      await computes.of(id).whileStopped(async () => {
        try {
          const { subscriptionsToDrop } = await copyOf(services, plan, (copiedBytes, totalBytes) =>
            tell({ ...what, copiedBytes, totalBytes }),
          );
          await catalog.commit(() => {
            const { pending: _, ...made } = records.anyBranch(id);
            const whole = { ...made, ...(subscriptionsToDrop && { subscriptionsToDrop }) };
            return { branches: [catalog.withEndpoints(whole)] };
          });
        } catch (error) {
          // Whoever waits for it must not start a server on what was never whole.
          void computes.of(id).retire();
          throw error;
        }
      });
      history.takeFirst(id);
      if (plan.finalize) await takePlace(services, projectId, id, {});
    },
    undo: async () => {
      // One that could not take the other's place stays beside it.
      if (!catalog.branches.get(id)?.pending) return;
      await catalog.commit(() => ({ removedBranches: [records.anyBranch(id)] }));
      await discardBranch(services, branch);
    },
  };
}

const creationOf = ({ branch: { id, projectId } }: Plan): OperationRecord =>
  newOperation({ projectId, branchId: id, action: "create_timeline" }, new Date().toISOString());

async function copyOf(
  { data }: RestoreServices,
  { snapshot, branch }: Plan,
  onProgress?: (copiedBytes: number, totalBytes: number) => void,
): Promise<BranchRecord> {
  const { dataDir } = branch;
  await data.copyOf(data.path(snapshot.dataDir), { dataDir, onProgress });
  const subscriptionsToDrop = maySubscribe(data.path(dataDir));
  return { ...branch, ...(subscriptionsToDrop && { subscriptionsToDrop }) };
}

/** The restored branch beside its target, with an address where that one has one. */
async function commitPreview(
  services: RestoreServices,
  { target }: Plan,
  branch: BranchRecord,
): Promise<{ branch: BranchRecord; endpoints: EndpointRecord[] }> {
  const { catalog, records, computes } = services;
  const { projectId } = branch;
  computes.add(branch);
  const endpoints: EndpointRecord[] = [];
  try {
    const isReached = ({ type }: EndpointRecord) => type === "read_write";
    if (!target || catalog.endpointsOf(target.id).some(isReached)) {
      const project = records.project(projectId);
      endpoints.push(await openEndpoint(services, project, branch.id, { type: "read_write" }));
    }
    await catalog.commit(() => {
      throwIf(refuseName(catalog.branchesOf(projectId), branch.name));
      return { branches: [{ branch, endpoints }] };
    });
  } catch (error) {
    await discardBranch(services, branch);
    throw error;
  }
  return { branch, endpoints };
}

/** Puts a restored branch in the place of its target; connections wait, and lead to it then. */
export async function finalizeRestore(
  services: FinalizeServices & Takes<"locks" | "operations">,
  projectId: string,
  branchId: string,
  wanted: { name?: string },
): Promise<{ operations: OperationRecord[] }> {
  const { locks, operations: log } = services;
  const { branch, target } = readRestore(services, projectId, branchId);
  return locks.with({ exclusive: [branchId, target.id] }, async () => {
    await takePlace(services, projectId, branchId, wanted);
    const operations: OperationRecord[] = [];
    for (const operation of startsOf(services, branch)) operations.push(await log.end(operation));
    return { operations };
  });
}

/** What tells of the start of the branch's endpoints. */
function startsOf(
  { catalog }: Takes<"catalog">,
  { id, projectId }: BranchRecord,
): OperationRecord[] {
  const began = new Date().toISOString();
  const at = { projectId, branchId: id, action: "start_compute" } as const;
  return catalog.endpointsOf(id).map((own) => newOperation({ ...at, endpointId: own.id }, began));
}

/** Both branches are locked already. */
async function takePlace(
  services: FinalizeServices,
  projectId: string,
  branchId: string,
  wanted: { name?: string },
): Promise<void> {
  const { catalog, computes, listeners } = services;
  const { target } = readRestore(services, projectId, branchId);
  const replacedName =
    wanted.name ?? `${target.name.slice(0, 200)} before ${new Date().toISOString().slice(0, 19)}Z`;
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
