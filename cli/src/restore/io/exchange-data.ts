import {
  expireRecoveryPoint,
  pruneRecoveryPoints,
  type RecoveryPoint,
  type Restore,
  restoreKeeping,
  uninterruptedApi,
} from "../../branches/io/restore-keeping.ts";
import type { HasEngine } from "../../engine/io/daemon.ts";
import type { HasNeon } from "../../neon/io/client.ts";
import type { Branch } from "../../neon/model.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Target } from "../../stages/io/target.ts";

type Context = Pick<Runtime, "env" | "output"> & HasEngine;

export interface Exchange extends Restore {
  /** How long the state before is kept, in milliseconds; default: a day. */
  keptFor?: number;
  /** Removes what the new data was built on: it hangs on the state before, which could get no end. */
  release?: () => Promise<void>;
  /** Older recovery points stay: there is more to do, and `removeOlderPoints` is called when that is done. */
  keepOlder?: boolean;
}

const day = 24 * 3_600_000;

/**
 * The branch becomes what another one is, or was, in one move; what it was until now stays under a name, as
 * its only recovery point. A failure says in `details.outcome` what is left of the branch.
 */
export async function swapBranchData(
  context: Context,
  target: Target,
  { keptFor = day, release, keepOlder = false, ...restore }: Exchange,
): Promise<RecoveryPoint | null> {
  const api = uninterruptedApi(context);
  const name = await restoreKeeping(api, target, restore);
  // It has happened: what follows is order, and no reason to call it failed.
  await release?.();
  const point = await expireRecoveryPoint(api, target.project.id, name, keptFor).catch(
    (error: Error) => {
      context.output.warn(`could not set an expiry on ${name}: ${error.message}`);
      return undefined;
    },
  );
  // Until the newest is certain to be there and to end, the older ones stay.
  if (point && !keepOlder) await removeOlderPoints(context, target, name);
  return point ?? null;
}

/** @param newest name of the recovery point that stays */
export async function removeOlderPoints(
  context: Context,
  { project, branch }: Target,
  newest: string,
): Promise<void> {
  const api = uninterruptedApi(context);
  await pruneRecoveryPoints(api, project.id, branch.name, newest).catch((error: Error) => {
    context.output.warn(
      `older recovery points of ${branch.name} are still there: ${error.message}`,
    );
  });
}

/** What a branch is made of again must not go at a set time. */
export async function keepPoint(
  context: HasNeon,
  projectId: string,
  point: Pick<Branch, "id" | "expiresAt">,
): Promise<void> {
  if (point.expiresAt === undefined) return;
  await (await context.neon()).updateBranch(projectId, point.id, { expiresAt: null });
}

export function keptText(point: RecoveryPoint | null): string[] {
  if (point === null) return [];
  const howLong =
    point.expiresAt === undefined ? "" : " until the next reset or undo, 24 hours at most";
  return [`The state until now is kept as ${point.name}${howLong}; to have it back: ds db undo`];
}
