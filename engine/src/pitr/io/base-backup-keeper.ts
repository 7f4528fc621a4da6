import { type Fork, lsnAfter } from "../../model/fork.ts";
import { endOfLog, oldestSegment } from "../../postgres/io/control-file.ts";
import { roundsAnswerMs } from "../../postgres/io/idle.ts";
import { currentLsn } from "../../postgres/io/log-position.ts";
import type { BranchData } from "../../storage/io/data-directories.ts";
import {
  baseBackupIsDue,
  type HistoryLimits,
  isAffordable,
  newest,
  prunableBackups,
  unreachable,
} from "../retention.ts";
import type { BaseBackups } from "./base-backups.ts";
import type { Source } from "./source.ts";

/** What a data directory has beside its databases: the log above all. In bytes. */
const besideData = 64 * 1024 * 1024;

/** The first moment that can be reached, and its position in the log, where it is not the copy's end. */
export interface BeginOfHistory {
  at: string;
  lsn: string | undefined;
}

/** Takes the base backups from which the past is made again, and drops those that nobody needs. */
export class BaseBackupKeeper {
  readonly #data: BranchData;
  readonly #backups: BaseBackups;
  readonly #limits: HistoryLimits;

  constructor(data: BranchData, backups: BaseBackups, limits: HistoryLimits) {
    this.#data = data;
    this.#backups = backups;
    this.#limits = limits;
  }

  /**
   * Makes a base of the source as it is now. `origin` is the fork that its data came from, when it
   * was given to the source just before.
   */
  async take(source: Source, origin?: Fork): Promise<void> {
    if (!(await this.#mayCopy(source))) return;
    const copy = await this.#data.fork(source);
    // Data that no server has run on yet is as it was at its fork.
    const fresh = copy.kind === "sleeping" ? origin : copy;
    await this.keep(source, copy.dataDir, {
      at: fresh?.at ?? copy.at,
      lsn: fresh && lsnAfter(fresh),
    });
  }

  /**
   * A copy of data that no server runs on, to be the first base of whoever gets that data: history begins
   * then with the first moment, not with the end of a copy that was begun when a server ran already.
   */
  async copyOf(source: Source, path: string): Promise<string | undefined> {
    return (await this.#mayCopy(source)) ? this.#data.copyOf(path) : undefined;
  }

  /** The copy becomes a base of the source, from which the log goes on that its server writes. */
  async keep(source: Source, copy: string, begin: BeginOfHistory): Promise<void> {
    const path = this.#data.path(copy);
    try {
      const validFromLsn = begin.lsn ?? (await endOfLog(path)) ?? unreachable;
      const base = { name: copy, path, validFrom: begin.at, validFromLsn };
      await this.#backups.add(source.dataDir, base);
    } catch (error) {
      // The history goes with its data, which may happen at any moment.
      await this.#data.discard(copy);
      throw error;
    }
    if (!source.isKept()) await this.#data.discardHistory(source.dataDir);
    await this.#data.notes.end(copy);
  }

  /** Takes a base when much was written since the last, and drops those that are no longer needed. */
  async maintain(source: Source): Promise<void> {
    if (source.compute.isSilent) return;
    const bases = await this.#backups.bases(source.dataDir);
    const windowStart = Date.now() - source.windowSeconds * 1000;
    const firstKept = await oldestSegment(this.#data.path(source.dataDir));
    const { keptBases } = this.#limits;
    // Data that grew too large for new bases keeps those it has, until the log has gone on.
    const gone =
      source.windowSeconds === 0
        ? bases
        : prunableBackups(bases, { windowStart, oldestSegment: firstKept, keep: keptBases });
    for (const base of gone) await this.#backups.remove(source.dataDir, base);
    if (!this.#isAffordable(source)) return;
    // An engine that was killed may have left the branch without its first.
    if (bases.length === gone.length) return this.take(source);
    const lsn = await source.compute.adminIfRunning("postgres", currentLsn, roundsAnswerMs);
    if (lsn === undefined) return;
    const last = newest(bases.filter((base) => !gone.includes(base)));
    if (baseBackupIsDue(last, { lsn, time: Date.now() }, this.#limits)) await this.take(source);
  }

  #isAffordable(source: Source): boolean {
    return isAffordable(source, this.#data.method, this.#limits);
  }

  /** A full copy is made only where the branches keep at least as much room again to write in. */
  async #mayCopy(source: Source): Promise<boolean> {
    if (!this.#isAffordable(source)) return false;
    if (this.#data.method === "reflink") return true;
    const size = (source.logicalSize ?? 0) + besideData;
    return (await this.#data.freeBytes()) >= 2 * size;
  }
}
