import { throwIf } from "../../lib/engine-error.ts";
import type { PastFork, PresentFork } from "../../model/fork.ts";
import type { PointInTime } from "../../model/point-in-time.ts";
import type { Destructions } from "../../pitr/destructions/destruction.ts";
import { findDestructions } from "../../pitr/destructions/io/find-destructions.ts";
import { isBeforeFork } from "../../pitr/history-bounds.ts";
import { maySubscribe } from "../../postgres/io/subscriptions.ts";
import type { Into } from "../../storage/io/data-directories.ts";
import { refuseUnmasked } from "../anonymization-rules.ts";
import type { Takes } from "./services.ts";
import { sourceOfBranch } from "./source-of-branch.ts";

type ForkServices = Takes<
  "catalog" | "records" | "computes" | "locks" | "data" | "history" | "recovery"
>;

/**
 * A copy of the branch's data, as it is now or was at a moment. The branch, and a target that will be
 * replaced, are locked already. `into` is for a copy of the present alone.
 */
export async function forkBranch(
  services: ForkServices,
  branchId: string,
  moment: PointInTime | undefined,
  { target, into }: { target?: string; into?: Into } = {},
): Promise<PresentFork | PastFork> {
  throwIf(refuseUnmasked(services.records.anyBranch(branchId)));
  const fork = moment
    ? await forkPast(services, branchId, moment, target)
    : await services.data.fork(sourceOfBranch(services, branchId), into);
  const subscribes = maySubscribe(services.data.path(fork.dataDir));
  return subscribes ? { ...fork, subscribes } : fork;
}

async function forkPast(
  services: ForkServices,
  branchId: string,
  moment: PointInTime,
  target: string | undefined,
): Promise<PastFork> {
  const holder = await holderOf(services, branchId, moment);
  const isLocked = holder === branchId || holder === target;
  return services.locks.with({ shared: isLocked ? [] : [holder] }, () =>
    services.recovery.fork(sourceOfBranch(services, holder), moment),
  );
}

/** The branch in whose history the moment is: before a fork, the one it was made from goes on. */
async function holderOf(
  services: ForkServices,
  branchId: string,
  moment: PointInTime,
): Promise<string> {
  const { catalog, records, history, recovery } = services;
  // A branch that was made a moment ago may still be about to get its first base.
  await history.settled();
  for (let id = branchId; ; ) {
    const branch = records.anyBranch(id);
    if (await recovery.reaches(sourceOfBranch(services, id), moment)) return id;
    const origin =
      isBeforeFork(branch, moment) &&
      catalog.branchesOf(branch.projectId).find((b) => b.dataDir === branch.copiedFrom);
    if (!origin) return id;
    id = origin.id;
  }
}

/** What was destroyed in the branch, the last first. Its data stays the same meanwhile. */
export async function destructionsOf(
  services: Takes<"catalog" | "records" | "computes" | "locks" | "history" | "recovery">,
  projectId: string,
  branchId: string,
  limit: number,
): Promise<Destructions> {
  const { records, locks, history, recovery } = services;
  const { id } = records.branch(projectId, branchId);
  // A branch that was made a moment ago may still be about to get its first base.
  await history.settled();
  return locks.with({ shared: [id] }, () => {
    throwIf(refuseUnmasked(records.anyBranch(id)));
    return findDestructions(recovery, sourceOfBranch(services, id), limit);
  });
}
