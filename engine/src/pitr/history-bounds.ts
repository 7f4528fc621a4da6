import { type EngineError, unprocessable } from "../lib/engine-error.ts";
import { parseLsn } from "../model/lsn.ts";
import type { PointInTime } from "../model/point-in-time.ts";
import type { BranchRecord } from "../model/records.ts";
import type { BaseBackup } from "./retention.ts";

/** Where a branch's own history begins and ends, and what is said of moments outside of it. */

/** Whether the moment is not later than the one that the branch was made from. */
export function isBeforeFork(branch: BranchRecord, moment: PointInTime): boolean {
  if ("timestamp" in moment) {
    return Date.parse(moment.timestamp) <= Date.parse(branch.parentTimestamp ?? "");
  }
  const fork = parseLsn(branch.parentLsn ?? "");
  const wanted = parseLsn(moment.lsn);
  return fork !== undefined && wanted !== undefined && wanted <= fork;
}

export function refuseFuture(moment: PointInTime, now: string): EngineError | undefined {
  return "timestamp" in moment && Date.parse(moment.timestamp) > Date.parse(now)
    ? unprocessable("POINT_IN_TIME_IN_FUTURE", `the moment ${moment.timestamp} lies in the future`)
    : undefined;
}

/** `head` is the end of the branch's log. */
export function refuseBeyondLog(moment: PointInTime, head: string): EngineError | undefined {
  return "lsn" in moment && (parseLsn(moment.lsn) ?? 0n) > (parseLsn(head) ?? 0n)
    ? unprocessable(
        "LSN_BEYOND_LOG",
        `the position ${moment.lsn} lies beyond the branch's log, which is at ${head}`,
      )
    : undefined;
}

export function beforeHistory(name: string, moment: PointInTime, begin: BaseBackup): EngineError {
  const [asked, from] =
    "lsn" in moment ? [moment.lsn, begin.validFromLsn] : [moment.timestamp, begin.validFrom];
  return unprocessable(
    "POINT_IN_TIME_BEFORE_HISTORY",
    `${asked} is before the history of branch "${name}", which begins at ${from}`,
  );
}

export function noHistory(
  { name, windowSeconds }: { name: string; windowSeconds: number },
  isAffordable: boolean,
): EngineError {
  const because = (reason: string) =>
    unprocessable("NO_HISTORY", `branch "${name}" has no history: ${reason}`);
  if (windowSeconds === 0) return because("the project's history_retention_seconds is 0");
  if (!isAffordable) {
    return because(
      'the volume cannot share blocks, and a full copy of a database of this size is too much ("ds engine volume create" helps)',
    );
  }
  return because("nothing of it is kept yet, or the disk has too little room for it");
}
