import {
  expireRecoveryPoint,
  type RecoveryPoint,
  type Restore,
  restoreKeeping,
  settleRecoveryPoints,
  uninterruptedApi,
} from "../../branches/io/restore-keeping.ts";
import { keptFor } from "../../branches/recovery-point.ts";
import type { HasEngine } from "../../engine/io/daemon.ts";
import type { HasNeon } from "../../neon/io/client.ts";
import type { Branch } from "../../neon/model.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Target } from "../../stages/io/target.ts";

type Context = Pick<Runtime, "env" | "output"> & HasEngine;

export interface Exchange extends Restore {
  /** How many recovery points the branch may have afterwards. */
  keep: number;
  /** What it makes of the branch, for a sentence: "reset to main". */
  becomes: string;
  /** How long the state before is kept, in milliseconds; default: as long as its kind is. */
  keptMs?: number;
  /** Removes what the new data was built on: it hangs on the state before, which could get no end. */
  release?: () => Promise<void>;
  /** Older recovery points stay: there is more to do, and `settlePoints` is called when that is done. */
  keepOlder?: boolean;
}

/**
 * The branch becomes what another one is, or was, in one move; what it was until now stays under a name, as
 * a recovery point. A failure says in `details.outcome` what is left of the branch.
 */
export async function swapBranchData(
  context: Context,
  target: Target,
  { becomes, keep, keptMs, release, keepOlder = false, ...restore }: Exchange,
): Promise<RecoveryPoint | null> {
  const { changes } = context.output;
  const api = uninterruptedApi(context);
  const branch = target.branch.name;
  const change = {
    done: `${branch} was ${becomes}`,
    unclear: `${branch} was ${becomes} or is unchanged`,
  };
  const name = await changes.during(change, () => restoreKeeping(api, target, restore));
  // It has happened: what follows is order, and no reason to call it failed.
  await release?.();
  const wanted = keptMs ?? keptFor(restore.kind);
  const point = await expireRecoveryPoint(api, target.project.id, name, wanted).catch(
    (error: Error) => {
      context.output.warn(`could not set an expiry on ${name}: ${error.message}`);
      return undefined;
    },
  );
  // Until the newest is certain to be there and to end, the older ones stay.
  if (point && !keepOlder) await settlePoints(context, target, keep);
  return point ?? null;
}

/** Leaves the branch no more than `keep` recovery points, each with an end. */
export async function settlePoints(
  context: Context,
  { project, branch }: Target,
  keep: number,
): Promise<void> {
  const api = uninterruptedApi(context);
  const { output } = context;
  await output.changes
    .quietly(() => settleRecoveryPoints(api, project.id, branch.name, keep))
    .catch((error: Error) => {
      output.warn(`could not remove older recovery points of ${branch.name}: ${error.message}`);
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
