import { throwIf } from "../../lib/engine-error.ts";
import type { PastFork, PresentFork } from "../../model/fork.ts";
import type { PointInTime } from "../../model/point-in-time.ts";
import { isBeforeFork } from "../../pitr/history-bounds.ts";
import { maySubscribe } from "../../postgres/io/subscriptions.ts";
import { refuseUnmasked } from "../anonymization-rules.ts";
import type { Takes } from "./services.ts";
import { sourceOfBranch } from "./source-of-branch.ts";

type ForkServices = Takes<
  "catalog" | "records" | "computes" | "locks" | "data" | "history" | "recovery"
>;

/**
 * A copy of the branch's data, as it is now or was at a moment. The branch, and a target that will be
 * replaced, are locked already.
 */
export async function forkBranch(
  services: ForkServices,
  branchId: string,
  moment: PointInTime | undefined,
  target?: string,
): Promise<PresentFork | PastFork> {
  const fork = await copyBranch(services, branchId, moment, target);
  const subscribes = maySubscribe(services.data.path(fork.dataDir));
  return subscribes ? { ...fork, subscribes } : fork;
}

async function copyBranch(
  services: ForkServices,
  branchId: string,
  moment: PointInTime | undefined,
  target: string | undefined,
): Promise<PresentFork | PastFork> {
  throwIf(refuseUnmasked(services.records.anyBranch(branchId)));
  if (!moment) return services.data.fork(sourceOfBranch(services, branchId));
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
