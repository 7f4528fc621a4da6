import type { CloneMethod } from "../model/clone-method.ts";
import { parseLsn } from "../model/lsn.ts";
import type { PointInTime } from "../model/point-in-time.ts";
/**
 * A base: a copy of a data directory at some moment. From it, with the write-ahead log that followed,
 * any later moment can be made again.
 */
export interface BaseBackup {
  /** Name of the copy inside the history of its data directory. */
  name: string;
  /** From this moment on, and from this position in the log on, the base can be rolled forward. */
  validFrom: string;
  validFromLsn: string;
  /** The first segment of the log that rolling forward needs. */
  firstSegment: string;
}

/** The base from which the way to the moment is shortest, or undefined: it is before the history. */
export function baseBackupFor(bases: BaseBackup[], moment: PointInTime): BaseBackup | undefined {
  if ("timestamp" in moment) {
    const wanted = Date.parse(moment.timestamp);
    // Both lost their microseconds: within the same millisecond the base may be the later one.
    return bases.findLast((base) => Date.parse(base.validFrom) < wanted);
  }
  const wanted = parseLsn(moment.lsn);
  return bases.findLast((base) => {
    const from = parseLsn(base.validFromLsn);
    return wanted !== undefined && from !== undefined && from <= wanted;
  });
}

/**
 * Bases that nobody needs any more: all but the newest of those from before the window, those whose
 * log is gone, and, beyond the number that is kept, those which others are nearest to. The oldest
 * stays, as history begins with it.
 */
export function prunableBackups(
  bases: BaseBackup[],
  now: { windowStart: number; oldestSegment: string | undefined; keep: number },
): BaseBackup[] {
  const usable = bases.filter(
    (base) =>
      now.oldestSegment === undefined || base.firstSegment.slice(8) >= now.oldestSegment.slice(8),
  );
  const before = usable.filter((base) => Date.parse(base.validFrom) <= now.windowStart);
  const needed = usable.slice(Math.max(0, before.length - 1));
  while (needed.length > Math.max(2, now.keep)) needed.splice(mostDispensable(needed), 1);
  return bases.filter((base) => !needed.includes(base));
}

/** The one without which the way from its predecessor to its successor is shortest. */
function mostDispensable(bases: BaseBackup[]): number {
  const at = bases.map(({ validFromLsn }) => parseLsn(validFromLsn) ?? 0n);
  let best = 1;
  const way = (index: number) => (at[index + 1] ?? 0n) - (at[index - 1] ?? 0n);
  for (let index = 2; index < bases.length - 1; index++) if (way(index) < way(best)) best = index;
  return best;
}

/** By position in the log, which only grows: the clock may have been wrong. */
export function newest(bases: readonly BaseBackup[]): BaseBackup | undefined {
  const at = ({ validFromLsn }: BaseBackup) => parseLsn(validFromLsn) ?? 0n;
  return bases.reduce<BaseBackup | undefined>(
    (last, base) => (last === undefined || at(base) >= at(last) ? base : last),
    undefined,
  );
}

/** Whether so much was written since the last base that rolling it forward would take long. */
export function baseBackupIsDue(
  last: BaseBackup | undefined,
  now: { lsn: string; time: number },
  limits: HistoryLimits,
): boolean {
  if (!last) return true;
  if (last.validFromLsn === unreachable) return true;
  const from = parseLsn(last.validFromLsn) ?? 0n;
  const written = (parseLsn(now.lsn) ?? 0n) - from;
  const age = now.time - Date.parse(last.validFrom);
  return (
    written >= limits.baseEveryBytes || (age >= limits.baseEveryMs && written >= limits.worthBytes)
  );
}

/** Of a base whose position is unknown: no position can be reached from it, only times. */
export const unreachable = "FFFFFFFF/FFFFFFFF";

export interface HistoryLimits {
  /** A new base after so much was written, */
  baseEveryBytes: bigint;
  /** or after this time, if at least this was written: even idle servers write a little. */
  baseEveryMs: number;
  worthBytes: bigint;
  /** Bases of one data directory that are kept at most; with reflinks they cost little. */
  keptBases: number;
  /** In bytes: where a copy costs its full size, larger databases get no history. */
  largestCopiedBase: number;
}

const mebibyte = 1024n * 1024n;

/** Rolling 100 MB of log forward takes a second or two; a base costs a pause, or a copy. */
export function usualLimits(method: CloneMethod): HistoryLimits {
  return {
    baseEveryBytes: method === "reflink" ? 128n * mebibyte : 256n * mebibyte,
    baseEveryMs: 60 * 60 * 1000,
    worthBytes: 16n * mebibyte,
    keptBases: method === "reflink" ? 16 : 5,
    largestCopiedBase: 256 * 1024 * 1024,
  };
}

/** Whether a source's past is kept at all: not where nobody wants it, nor where a base costs too much. */
export function isAffordable(
  source: { windowSeconds: number; logicalSize: number | undefined },
  method: CloneMethod,
  { largestCopiedBase }: HistoryLimits,
): boolean {
  if (source.windowSeconds === 0) return false;
  return method === "reflink" || (source.logicalSize ?? 0) <= largestCopiedBase;
}
