import { throwIf, unprocessable } from "../../lib/engine-error.ts";
import { type Fork, lsnAfter } from "../../model/fork.ts";
import { momentOf, type PointInTime } from "../../model/point-in-time.ts";
import type { BranchRecord } from "../../model/records.ts";
import type { Change } from "../../storage/catalog-change.ts";
import type { Begun } from "../../under-way/io/background-work.ts";
import { newOperation } from "../../under-way/io/operations.ts";
import type { BranchResult, RestoreBranchInput } from "../api-types.ts";
import { parentAfterRestore, preservedBranch, restoredBranch } from "../branch-records.ts";
import { refuseRestore } from "../branch-rules.ts";
import { forkBranch } from "./fork-branch.ts";
import type { Takes } from "./services.ts";

type RestoreServices = Takes<
  | "catalog"
  | "records"
  | "locks"
  | "operations"
  | "data"
  | "computes"
  | "listeners"
  | "history"
  | "recovery"
  | "background"
>;

/** Id, endpoint and passwords stay; while the data is exchanged, connections wait. */
export async function restoreBranch(
  services: RestoreServices,
  projectId: string,
  branchId: string,
  input: RestoreBranchInput,
): Promise<BranchResult> {
  const { records } = services;
  const target = { projectId, branchId };
  checkRestore(services, target, input);
  const moment = momentOf(input.sourceLsn, input.sourceTimestamp);
  if (branchId === input.sourceBranchId && !moment) {
    throw unprocessable(
      "POINT_IN_TIME_REQUIRED",
      "source_lsn or source_timestamp is required: the branch is its own source",
    );
  }
  return services.background.begin({
    what: `restoring the branch ${records.branch(projectId, branchId).name}`,
    branchIds: [branchId],
    want: { exclusive: [branchId], shared: [input.sourceBranchId] },
    prepare: async () => {
      const { dataDir } = records.branch(projectId, input.sourceBranchId);
      const isLong = !moment && (await services.data.takesLong(dataDir));
      return isLong
        ? beginRestore(services, target, input)
        : restoreNow(services, target, input, moment);
    },
  });
}

async function restoreNow(
  services: RestoreServices,
  target: Target,
  input: RestoreBranchInput,
  moment: PointInTime | undefined,
): Promise<Begun<BranchResult>> {
  const operation = restoreOperation(target);
  const { branchId, projectId } = target;
  const fork = await forkBranch(services, input.sourceBranchId, moment, { target: branchId });
  await replaceData(services, target, input, fork);
  const operations = [await services.operations.begin(operation)];
  return {
    answer: { branch: services.records.branch(projectId, branchId), operations },
    operations,
  };
}

/**
 * The same from a source that is copied for long. The branch's record says so first; clients are cut off at once, as
 * they are by every restore, and wait until the branch has its new data. Until then it keeps its own.
 */
async function beginRestore(
  services: RestoreServices,
  target: Target,
  input: RestoreBranchInput,
): Promise<Begun<BranchResult>> {
  const { catalog, records, listeners } = services;
  const { projectId, branchId } = target;
  const source = checkRestore(services, target, input).source;
  const operation = restoreOperation(target);
  const operationIds = [operation.id];
  await catalog.commit(() => {
    const branch = checkRestore(services, target, input).target;
    const pending = { kind: "restore" as const, operationIds };
    return { branches: [catalog.withEndpoints({ ...branch, pending })] };
  });
  const operations = [await services.operations.begin(operation)];
  listeners.disconnectFrom(branchId);
  return {
    answer: { branch: records.branch(projectId, branchId), operations },
    operations,
    rest: async (tell) => {
      const what = { projectId, operationIds, source: source.name };
      const onProgress = (copiedBytes: number, totalBytes: number) =>
        tell({ ...what, copiedBytes, totalBytes });
      const into = { target: branchId, into: { onProgress } };
      const fork = await forkBranch(services, source.id, undefined, into);
      await replaceData(services, target, input, fork);
    },
    undo: () =>
      catalog.commit(() => {
        const { pending: _, ...branch } = records.branch(projectId, branchId);
        return { branches: [catalog.withEndpoints(branch)] };
      }),
  };
}

const restoreOperation = (target: Target) =>
  newOperation({ ...target, action: "create_timeline" }, new Date().toISOString());

/** Exchanges the data for the fork, with which the branch's history begins anew. */
async function replaceData(
  services: RestoreServices,
  target: Target,
  input: RestoreBranchInput,
  fork: Fork,
): Promise<void> {
  const { branchId, projectId } = target;
  const base = await exchangeData(services, target, input, fork);
  // What is before the restore is in the branch that was preserved, not in the source's past.
  const { lastResetAt = fork.at } = services.records.branch(projectId, branchId);
  if (base) services.history.beginWith(branchId, base, { at: lastResetAt, lsn: lsnAfter(fork) });
}

interface Target {
  projectId: string;
  branchId: string;
}

/** The records that a restore is about, as they are now; refuses what the rules do not allow. */
function checkRestore(
  { catalog, records }: Takes<"catalog" | "records">,
  { projectId, branchId }: Target,
  { sourceBranchId, preserveUnderName }: RestoreBranchInput,
) {
  const target = records.branch(projectId, branchId);
  const source = records.branch(projectId, sourceBranchId);
  const children = catalog.childrenOf(branchId);
  const branches = catalog.branchesOf(projectId);
  throwIf(refuseRestore({ target, source, children, branches, preserveUnderName }));
  return { target, source, children };
}

/** Gives the fork to the branch, and returns a copy of it for the branch's history, if there is one. */
async function exchangeData(
  services: RestoreServices,
  { projectId, branchId }: Target,
  input: RestoreBranchInput,
  fork: Fork,
): Promise<string | undefined> {
  const { catalog, computes, data, history } = services;
  // Clients that wait for the branch start a server on it before anything else can be copied.
  const base = await history.copyFork(branchId, input.sourceBranchId, fork);
  let replaced: BranchRecord | undefined;
  try {
    await computes.of(branchId).whileStopped(() =>
      catalog.commit(() => {
        const { target, source, children } = checkRestore(services, { projectId, branchId }, input);
        if (input.preserveUnderName) {
          return preserving(services, { target, source, children }, fork, input.preserveUnderName);
        }
        replaced = target;
        const restored = restoredBranch(target, source, fork);
        return {
          branches: [
            catalog.withEndpoints(under(target, restored, parentAfterRestore(target, source))),
          ],
        };
      }),
    );
  } catch (error) {
    await data.discard(fork.dataDir);
    if (base) await data.discard(base);
    throw error;
  }
  await computes.stopReplicasOf(branchId);
  if (replaced) await data.discard(replaced.dataDir);
  computes.addMissing();
  return base;
}

/** The change that keeps the state before as a branch of its own. */
function preserving(
  { catalog, records }: Takes<"catalog" | "records">,
  { target, source, children }: ReturnType<typeof checkRestore>,
  fork: Fork,
  name: string,
): Change {
  const restored = restoredBranch(target, source, fork);
  const files = children.map((child) => catalog.withEndpoints(child));
  const kept = preservedBranch(target, files, name);
  const wanted = parentAfterRestore(target, source);
  const parent = wanted === undefined ? undefined : catalog.branches.get(wanted);
  // The target's children are the kept state's from now on.
  const isBelow = parent !== undefined && records.descendsFrom(parent, target);
  const parentId = isBelow ? kept.preserved.id : wanted;
  return {
    branches: [
      catalog.withEndpoints(kept.preserved, []),
      ...kept.children,
      catalog.withEndpoints(under(target, restored, parentId)),
    ],
  };
}

/** A root stays a root, and so is what is kept of it. */
function under(target: BranchRecord, restored: BranchRecord, parentId?: string): BranchRecord {
  return target.parentId && parentId ? { ...restored, parentId } : restored;
}
