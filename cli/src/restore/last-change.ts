import { parseRecoveryPoint, type RecoveryPointKind } from "../branches/recovery-point.ts";
import type { MomentKind, NotedMoment } from "../migrations/run/noted-moment.ts";
import type { Branch } from "../neon/model.ts";

/** The last change of a branch as a whole, and where its state before that is. */
export type LastChange =
  | { what: RecoveryPointKind; at: Date; point: Branch }
  | { what: MomentKind; at: Date; timestamp: string; detail?: string | undefined };

/** A recovery point is named by the clock of the machine that asked for it. */
const clocksDifferMs = 10 * 60_000;

/** The change is a moment of the branch's own past, not a state that is kept elsewhere. */
export const isMoment = (change: LastChange): change is Extract<LastChange, NotedMoment> =>
  "timestamp" in change;

/**
 * @param noted what the branch's own database notes: when the last migrate of it began, and the like
 */
export function lastChange(
  branch: Branch,
  branches: Branch[],
  noted: readonly NotedMoment[] = [],
): LastChange | undefined {
  const since = Date.parse(branch.lastResetAt ?? "") || 0;
  const changes: LastChange[] = branches.flatMap((point) => {
    const { kind, at } = parseRecoveryPoint(branch.name, point.name) ?? {};
    // Points of before the last restore hold what the branch had at an earlier time of its life.
    const isOfLast = at !== undefined && at.getTime() >= since - clocksDifferMs;
    const isOwn = !isOfFormer(branch, point);
    return kind !== undefined && isOfLast && isOwn ? [{ what: kind, at, point }] : [];
  });
  // A migrate of before the last restore is a part of what that brought.
  const begin = since || Date.parse(branch.createdAt);
  const own = noted.filter(({ timestamp }) => Date.parse(timestamp) > begin);
  changes.push(...own.map((moment) => ({ ...moment, at: new Date(moment.timestamp) })));
  return changes.sort((a, b) => a.at.getTime() - b.at.getTime()).at(-1);
}

/** Kept for a branch of the same name that was deleted before this one was made. */
function isOfFormer(branch: Branch, point: Branch): boolean {
  const wasNeverExchanged = branch.lastResetAt === undefined;
  return wasNeverExchanged && Date.parse(point.createdAt) < Date.parse(branch.createdAt);
}
