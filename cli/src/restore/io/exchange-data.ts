import {
  expireRecoveryPoint,
  pruneRecoveryPoints,
  type RecoveryPoint,
  type Restore,
  restoreKeeping,
  uninterruptedApi,
} from "../../branches/io/restore-keeping.ts";
import type { HasEngine } from "../../engine/io/daemon.ts";
import type { DsError } from "../../errors/ds-error.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Target } from "../../stages/io/target.ts";

/** Exchanges a branch's data and sees to its recovery points: the new one and those before it. */
export async function swapBranchData(
  context: Pick<Runtime, "env" | "output"> & HasEngine,
  target: Target,
  restore: Restore,
): Promise<RecoveryPoint | null> {
  const { project, branch } = target;
  const api = uninterruptedApi(context);
  const name = await restoreKeeping(api, target, restore);
  const point = await expireRecoveryPoint(api, project.id, name);
  if (point === undefined) return null;
  await pruneRecoveryPoints(api, project.id, branch.name, point.name).catch((error: DsError) => {
    context.output.warn(`older recovery points are still there: ${error.message}`);
  });
  return point;
}

export function keptText(point: RecoveryPoint | null): string[] {
  if (point === null) return [];
  const howLong =
    point.expiresAt === undefined ? "" : " until the next reset or undo, 24 hours at most";
  return [`The state until now is kept as ${point.name}${howLong}; to have it back: ds db undo`];
}
