import { mkdir, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { badRequest, unprocessable } from "../../lib/engine-error.ts";
import { readJson, removeFile, syncDirectory, writeFileAtomic } from "../../lib/io/files.ts";
import { firstSegmentNeeded, parseLsn } from "../../postgres/io/control-file.ts";
import type { Home } from "../../storage/home.ts";
import type { CloneMethod } from "../../storage/io/clone.ts";

/**
 * A base: a copy of a data directory at some moment. From it, with the write-ahead log that followed,
 * any later moment can be made again.
 */
export interface Base {
  /** Name of the copy inside the history of its data directory. */
  name: string;
  /** From this moment on, and from this position in the log on, the base can be rolled forward. */
  validFrom: string;
  validFromLsn: string;
  /** The first segment of the log that rolling forward needs. */
  firstSegment: string;
}

/** A moment of a branch's past: a time (ISO 8601) or a position in its log. */
export type Moment = { timestamp: string } | { lsn: string };

export function momentOf(
  lsn: string | undefined,
  timestamp: string | undefined,
): Moment | undefined {
  if (lsn && timestamp) throw unprocessable("give a position (lsn) or a timestamp, not both");
  if (lsn && parseLsn(lsn) === undefined) throw badRequest(`"${lsn}" is not a log sequence number`);
  if (lsn) return { lsn };
  return timestamp ? { timestamp } : undefined;
}

/**
 * Bases of one data directory, oldest first:
 *
 *     data/history/<data dir>/<name>/       the copy
 *     data/history/<data dir>/<name>.json   its Base; written last, so that without it there is none
 */
export class History {
  readonly #home: Home;

  constructor(home: Home) {
    this.#home = home;
  }

  path(dataDir: string, base?: Base): string {
    return base ? join(this.#home.history, dataDir, base.name) : join(this.#home.history, dataDir);
  }

  async bases(dataDir: string): Promise<Base[]> {
    const names = await readdir(this.path(dataDir)).catch(() => []);
    const bases: Base[] = [];
    for (const name of names.filter((name) => name.endsWith(".json"))) {
      const base = await readJson<Base>(join(this.path(dataDir), name));
      if (base) bases.push(base);
    }
    return bases.sort((a, b) => Date.parse(a.validFrom) - Date.parse(b.validFrom));
  }

  /** Takes a copy that nothing refers to (a directory of pgdata/) in as a base. */
  async add(
    dataDir: string,
    copy: { path: string; name: string; validFrom: string; validFromLsn: string },
  ): Promise<void> {
    const base: Base = {
      name: copy.name,
      validFrom: copy.validFrom,
      validFromLsn: copy.validFromLsn,
      firstSegment: await firstSegmentNeeded(copy.path),
    };
    await mkdir(this.path(dataDir), { recursive: true, mode: 0o711 });
    await rename(copy.path, this.path(dataDir, base));
    try {
      await syncDirectory(this.path(dataDir));
      await writeFileAtomic(`${this.path(dataDir, base)}.json`, `${JSON.stringify(base)}\n`);
    } catch (error) {
      await rename(this.path(dataDir, base), copy.path);
      throw error;
    }
  }

  /** Copies that an engine which was killed has not described any more. */
  async discardUndescribed(dataDir: string): Promise<void> {
    const names: string[] = await readdir(this.path(dataDir)).catch(() => []);
    for (const name of names) {
      if (name.includes(".") || names.includes(`${name}.json`)) continue;
      await rename(join(this.path(dataDir), name), join(this.#home.trash, name));
    }
  }

  /** Its description goes first: from then on it is no base. */
  async remove(dataDir: string, base: Base): Promise<void> {
    await removeFile(`${this.path(dataDir, base)}.json`);
    await rename(this.path(dataDir, base), join(this.#home.trash, base.name));
  }
}

/** The base from which the way to the moment is shortest, or undefined: it is before the history. */
export function baseFor(bases: Base[], moment: Moment): Base | undefined {
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
export function superfluous(
  bases: Base[],
  now: { windowStart: number; oldestSegment: string | undefined; keep: number },
): Base[] {
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
function mostDispensable(bases: Base[]): number {
  const at = bases.map(({ validFromLsn }) => parseLsn(validFromLsn) ?? 0n);
  let best = 1;
  const way = (index: number) => (at[index + 1] ?? 0n) - (at[index - 1] ?? 0n);
  for (let index = 2; index < bases.length - 1; index++) if (way(index) < way(best)) best = index;
  return best;
}

/** By position in the log, which only grows: the clock may have been wrong. */
export function newest(bases: readonly Base[]): Base | undefined {
  const at = ({ validFromLsn }: Base) => parseLsn(validFromLsn) ?? 0n;
  return bases.reduce<Base | undefined>(
    (last, base) => (last === undefined || at(base) >= at(last) ? base : last),
    undefined,
  );
}

/** Whether so much was written since the last base that rolling it forward would take long. */
export function baseIsDue(
  last: Base | undefined,
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
