import { throwIf, unprocessable } from "../../lib/engine-error.ts";
import type { BranchRecord } from "../../model/records.ts";
import type { Change } from "../../storage/catalog-change.ts";
import { refuseUnmasked } from "../anonymization-rules.ts";
import type { BranchPatch, BranchResult } from "../api-types.ts";
import { touched } from "../branch-records.ts";
import { refuseDelete, refuseExpiry, refuseName } from "../branch-rules.ts";
import type { Takes } from "./services.ts";

/** Branches: their changes and their ends. */

export async function updateBranch(
  { catalog, records, locks }: Takes<"catalog" | "records" | "locks">,
  projectId: string,
  branchId: string,
  patch: BranchPatch,
): Promise<BranchResult> {
  records.branch(projectId, branchId);
  const change = (current: BranchRecord): BranchRecord => {
    const { expiresAt: before, ...rest } = current;
    const expiresAt = patch.expiresAt === undefined ? before : (patch.expiresAt ?? undefined);
    const updated: BranchRecord = {
      ...rest,
      name: patch.name ?? current.name,
      protected: patch.protected ?? current.protected,
      ...(expiresAt ? { expiresAt } : {}),
    };
    if (updated.name !== current.name) {
      throwIf(refuseName(catalog.branchesOf(projectId), updated.name));
    }
    if (expiresAt) throwIf(refuseExpiry(updated, catalog.childrenOf(branchId)));
    return updated;
  };
  const branch = await locks.with({ shared: [branchId] }, () =>
    records.changeBranch(projectId, branchId, change),
  );
  return { branch, operations: [] };
}

export async function setDefaultBranch(
  { catalog, records, locks }: Takes<"catalog" | "records" | "locks">,
  projectId: string,
  branchId: string,
): Promise<BranchResult> {
  records.branch(projectId, branchId);
  const change = (): Change => {
    const branch = records.branch(projectId, branchId);
    if (branch.expiresAt) {
      throw unprocessable("BRANCH_EXPIRES", "a branch that expires cannot be the default branch");
    }
    throwIf(refuseUnmasked(branch));
    const before = catalog.branchesOf(projectId).filter((other) => other.default);
    return {
      branches: [
        ...before.map((other) => catalog.withEndpoints(touched({ ...other, default: false }))),
        catalog.withEndpoints(touched({ ...branch, default: true })),
      ],
    };
  };
  await locks.with({ shared: [branchId] }, () => catalog.commit(change));
  return { branch: records.branch(projectId, branchId), operations: [] };
}

type DeletionServices = Takes<
  "catalog" | "records" | "locks" | "operations" | "computes" | "listeners" | "data"
>;

export async function deleteBranch(
  services: DeletionServices,
  projectId: string,
  branchId: string,
): Promise<BranchResult | undefined> {
  const { catalog, records, locks, operations: log, computes } = services;
  records.project(projectId);
  const known = catalog.branches.get(branchId);
  if (!known || known.projectId !== projectId) return undefined;
  throwIf(refuseDelete(known, catalog.childrenOf(branchId)));
  return locks.with({ exclusive: [branchId] }, async () => {
    const began = new Date().toISOString();
    const endpoints = catalog.endpointsOf(branchId);
    await computes.of(branchId).stop();
    let branch = known;
    await catalog.commit(() => {
      branch = records.branch(projectId, branchId);
      throwIf(refuseDelete(branch, catalog.childrenOf(branchId)));
      return { removedBranches: [branch] };
    });
    await discardBranch(services, branch);
    const at = { projectId, branchId };
    const operations = [];
    for (const { id } of endpoints) {
      const action = "suspend_compute";
      operations.push(await log.add({ ...at, endpointId: id, action }, began));
    }
    operations.push(await log.add({ ...at, action: "delete_timeline" }, began));
    return { branch, operations };
  });
}

/** Takes away what a branch has beside its record: its addresses, its server, its data. */
export async function discardBranch(
  { listeners, computes, data }: Takes<"listeners" | "computes" | "data">,
  { id, dataDir }: Pick<BranchRecord, "id" | "dataDir">,
): Promise<void> {
  await listeners.closeOfBranch(id);
  await computes.remove(id);
  await data.discard(dataDir);
}

/** Deletes the branches whose time is over; those with children stay until these are gone. */
export async function deleteExpiredBranches(
  services: DeletionServices,
  now = Date.now(),
): Promise<void> {
  for (const branch of [...services.catalog.branches.values()]) {
    if (!branch.expiresAt || Date.parse(branch.expiresAt) > now) continue;
    await deleteBranch(services, branch.projectId, branch.id).catch(() => {});
  }
}
