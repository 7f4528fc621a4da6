import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type pg from "pg";
import { type EngineError, unprocessable } from "../../lib/engine-error.ts";
import { isMissing } from "../../lib/io/files.ts";
import type { Fork } from "../../model/fork.ts";
import { newDataDir } from "../../model/ids.ts";
import { parseLsn } from "../../model/lsn.ts";
import type { PointInTime } from "../../model/point-in-time.ts";
import type { BranchRecord } from "../../model/records.ts";
import type { Compute } from "../../postgres/io/compute.ts";
import { endOfLog, oldestSegment } from "../../postgres/io/control-file.ts";
import { roundsAnswerMs } from "../../postgres/io/idle.ts";
import type { ComputeEnvironment } from "../../postgres/io/launch.ts";
import type { BranchData } from "../../storage/io/data-directories.ts";
import { type RecoveryTarget, stoppedBefore, targetOf } from "../recovery-target.ts";
import {
  type BaseBackup,
  baseBackupFor,
  baseBackupIsDue,
  type HistoryLimits,
  newest,
  prunableBackups,
  unreachable,
  usualLimits,
} from "../retention.ts";
import type { BaseBackups } from "./base-backups.ts";
import { replayWal, type WalReplay } from "./wal-replay.ts";

const mostAttempts = 3;

/** What a data directory has beside its databases: the log above all. In bytes. */
const besideData = 64 * 1024 * 1024;

export interface Source {
  name: string;
  dataDir: string;
  compute: Compute;
  /** How far back the project wants its branches' past, in seconds; 0: not at all. */
  windowSeconds: number;
  logicalSize: number | undefined;
  /** Whether the data directory is still this branch's; asked while it can neither start nor stop. */
  isCurrent: () => boolean;
  /** Whether any branch has the data directory, now that the work is done. */
  isKept: () => boolean;
}

/** The first moment that can be reached, and its position in the log, where it is not the copy's end. */
export interface BeginOfHistory {
  at: string;
  lsn: string | undefined;
}

/**
 * The past of branches, by Postgres' own point-in-time recovery: the newest base from before the
 * moment is copied, and the log that the branch's server still holds is replayed on it up to there.
 */
export class PointInTimeRecovery {
  readonly #data: BranchData;
  readonly #history: BaseBackups;
  readonly #environment: ComputeEnvironment;
  readonly #logFile: string;
  readonly #limits: HistoryLimits;

  constructor(
    data: BranchData,
    history: BaseBackups,
    environment: ComputeEnvironment,
    logFile: string,
    limits: Partial<HistoryLimits> = {},
  ) {
    this.#limits = { ...usualLimits(data.method), ...limits };
    this.#data = data;
    this.#history = history;
    this.#environment = environment;
    this.#logFile = logFile;
  }

  /** Whether the source's own history goes back as far as that. */
  async reaches(source: Source, moment: PointInTime): Promise<boolean> {
    return baseBackupFor(await this.#usableBases(source), moment) !== undefined;
  }

  /** A copy of the source as it was at the moment. */
  async fork(source: Source, moment: PointInTime): Promise<Fork> {
    const now = new Date().toISOString();
    if ("timestamp" in moment && Date.parse(moment.timestamp) > Date.parse(now)) {
      throw unprocessable(
        "POINT_IN_TIME_IN_FUTURE",
        `the moment ${moment.timestamp} lies in the future`,
      );
    }
    if (source.windowSeconds === 0) throw this.#outside(source, moment, []);
    // A commit after the moment is what tells recovery where to stop; it is also flushed to disk.
    const head = await source.compute.admin("postgres", async (client) => {
      await client.query("set synchronous_commit = local");
      const { rows } = await client.query<{ lsn: string }>(
        "select pg_logical_emit_message(true, 'ds', 'moment', true) as lsn",
      );
      return (rows[0] as { lsn: string }).lsn;
    });
    if ("lsn" in moment && (parseLsn(moment.lsn) ?? 0n) > (parseLsn(head) ?? 0n)) {
      throw unprocessable(
        "LSN_BEYOND_LOG",
        `the position ${moment.lsn} lies beyond the branch's log, which is at ${head}`,
      );
    }
    const { fork, rolled } = await this.#reach(source, moment, targetOf(moment));
    if (rolled.dropping.length === 0 || "lsn" in moment) return fork;
    const whole = await this.#beforeDrop(source, moment, rolled).catch(() => undefined);
    if (whole === undefined) return fork;
    await this.#data.discard(fork.dataDir);
    return whole;
  }

  /** A copy of the base from before the moment, with the log replayed on it up to the target. */
  async #reach(
    source: Source,
    moment: PointInTime,
    target: RecoveryTarget,
    logFile = this.#logFile,
  ): Promise<{ fork: Fork; rolled: WalReplay }> {
    const dataDir = await this.#copyOfBase(source, moment);
    try {
      const rolled = await replayWal(this.#environment, {
        path: this.#data.path(dataDir),
        logFile,
        name: `history of ${source.name}`,
        log: join(this.#data.path(source.dataDir), "pg_wal"),
        target,
      });
      const now = new Date();
      const at = ("timestamp" in moment ? new Date(moment.timestamp) : now).toISOString();
      const { contents, lsn } = rolled;
      const fork = { dataDir, at, contents, lsn, isPast: true, copiedFrom: source.dataDir };
      return { fork, rolled };
    } catch (error) {
      await this.#data.discard(dataDir);
      throw error;
    }
  }

  /**
   * A database that was dropped right after the moment: Postgres removes its files before the commit of
   * the drop, at which a recovery by time stops. So it stops after the last transaction from before the
   * moment, by number, which the server's log tells when it is made to stop just before that.
   */
  async #beforeDrop(
    source: Source,
    moment: PointInTime,
    { justBeforeLastEnd }: WalReplay,
  ): Promise<Fork> {
    const reach = async (target: RecoveryTarget, logFile?: string) =>
      (await this.#reach(source, moment, target, logFile)).fork;
    if (justBeforeLastEnd === undefined) return reach({ recovery_target: "immediate" });
    const logFile = `${this.#logFile}.${newDataDir()}`;
    try {
      const { dataDir } = await reach({ recovery_target_time: justBeforeLastEnd }, logFile);
      await this.#data.discard(dataDir);
      return await reach({ recovery_target_xid: stoppedBefore(await readFile(logFile, "utf8")) });
    } finally {
      await rm(logFile, { force: true });
    }
  }

  /**
   * Makes a base of the source as it is now. `origin` is the fork that its data came from, when it
   * was given to the source just before.
   */
  async takeBase(source: Source, origin?: Fork): Promise<void> {
    if (!(await this.#mayCopy(source))) return;
    const copy = await this.#data.fork(source);
    // Data that no server has run on yet is as it was at its fork.
    const at = copy.wasAsleep && origin ? origin.at : copy.at;
    const lsn = copy.wasAsleep ? origin?.lsnAfter : copy.lsnAfter;
    await this.keepAsBase(source, copy.dataDir, { at, lsn });
  }

  /**
   * A copy of data that no server runs on, to be the first base of whoever gets that data: history begins
   * then with the first moment, not with the end of a copy that was begun when a server ran already.
   */
  async copyAsBase(source: Source, path: string): Promise<string | undefined> {
    return (await this.#mayCopy(source)) ? this.#data.copyOf(path) : undefined;
  }

  /** The copy becomes a base of the source, from which the log goes on that its server writes. */
  async keepAsBase(source: Source, copy: string, begin: BeginOfHistory): Promise<void> {
    const path = this.#data.path(copy);
    try {
      const validFromLsn = begin.lsn ?? (await endOfLog(path)) ?? unreachable;
      const base = { name: copy, path, validFrom: begin.at, validFromLsn };
      await this.#history.add(source.dataDir, base);
    } catch (error) {
      // The history goes with its data, which may happen at any moment.
      await this.#data.discard(copy);
      throw error;
    }
    if (!source.isKept()) await this.#data.discardHistory(source.dataDir);
  }

  /** Takes a base when much was written since the last, and drops those that are no longer needed. */
  async tend(source: Source): Promise<void> {
    if (source.compute.isSilent) return;
    const bases = await this.#history.bases(source.dataDir);
    const windowStart = Date.now() - source.windowSeconds * 1000;
    const firstKept = await oldestSegment(this.#data.path(source.dataDir));
    const { keptBases } = this.#limits;
    // Data that grew too large for new bases keeps those it has, until the log has gone on.
    const gone =
      source.windowSeconds === 0
        ? bases
        : prunableBackups(bases, { windowStart, oldestSegment: firstKept, keep: keptBases });
    for (const base of gone) await this.#history.remove(source.dataDir, base);
    if (!this.#isAffordable(source)) return;
    // An engine that was killed may have left the branch without its first.
    if (bases.length === gone.length) return this.takeBase(source);
    if (!source.compute.isRunning) return;
    const lsn = await source.compute.admin("postgres", currentLsn, roundsAnswerMs);
    const last = newest(bases.filter((base) => !gone.includes(base)));
    if (baseBackupIsDue(last, { lsn, time: Date.now() }, this.#limits)) await this.takeBase(source);
  }

  #isAffordable(source: Source): boolean {
    if (source.windowSeconds === 0) return false;
    const { largestCopiedBase } = this.#limits;
    return this.#data.method === "reflink" || (source.logicalSize ?? 0) <= largestCopiedBase;
  }

  /** A full copy is made only where the branches keep at least as much room again to write in. */
  async #mayCopy(source: Source): Promise<boolean> {
    if (!this.#isAffordable(source)) return false;
    if (this.#data.method === "reflink") return true;
    const size = (source.logicalSize ?? 0) + besideData;
    return (await this.#data.freeBytes()) >= 2 * size;
  }

  /** A base may be thinned out just as it is about to be copied; then another one serves. */
  async #copyOfBase(source: Source, moment: PointInTime): Promise<string> {
    for (let attempt = 1; ; attempt += 1) {
      const base = await this.#baseFor(source, moment);
      try {
        return await this.#data.copyOf(this.#history.path(source.dataDir, base));
      } catch (error) {
        if (!isMissing(error) || attempt === mostAttempts) throw error;
      }
    }
  }

  async #baseFor(source: Source, moment: PointInTime): Promise<BaseBackup> {
    const usable = await this.#usableBases(source);
    const base = baseBackupFor(usable, moment);
    if (base) return base;
    throw this.#outside(source, moment, usable);
  }

  /** Those from which the log goes on without a gap. */
  async #usableBases(source: Source): Promise<BaseBackup[]> {
    const bases = await this.#history.bases(source.dataDir);
    const firstKept = await oldestSegment(this.#data.path(source.dataDir));
    return bases.filter((base) => !firstKept || base.firstSegment.slice(8) >= firstKept.slice(8));
  }

  #outside(source: Source, moment: PointInTime, usable: BaseBackup[]): EngineError {
    const asked = "lsn" in moment ? moment.lsn : moment.timestamp;
    const begin = usable[0];
    return begin
      ? unprocessable(
          "POINT_IN_TIME_BEFORE_HISTORY",
          `${asked} is before the history of branch "${source.name}", which begins at ${"lsn" in moment ? begin.validFromLsn : begin.validFrom}`,
        )
      : unprocessable(
          "NO_HISTORY",
          `branch "${source.name}" has no history: ${this.#whyNone(source)}`,
        );
  }

  #whyNone(source: Source): string {
    if (source.windowSeconds === 0) return "the project's history_retention_seconds is 0";
    if (!this.#isAffordable(source)) {
      return 'the volume cannot share blocks, and a full copy of a database of this size is too much ("ds engine volume create" helps)';
    }
    return "nothing of it is kept yet, or the disk has too little room for it";
  }
}

export async function currentLsn(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ lsn: string }>("select pg_current_wal_insert_lsn() as lsn");
  return (rows[0] as { lsn: string }).lsn;
}

/** Whether the moment is not later than the one that the branch was made from. */
export function isBeforeFork(branch: BranchRecord, moment: PointInTime): boolean {
  if ("timestamp" in moment) {
    return Date.parse(moment.timestamp) <= Date.parse(branch.parentTimestamp ?? "");
  }
  const fork = parseLsn(branch.parentLsn ?? "");
  const wanted = parseLsn(moment.lsn);
  return fork !== undefined && wanted !== undefined && wanted <= fork;
}
