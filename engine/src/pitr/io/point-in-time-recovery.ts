import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type EngineError, throwIf } from "../../lib/engine-error.ts";
import { isMissing } from "../../lib/io/files.ts";
import { firstWriteOf } from "../../log-summaries/io/first-write.ts";
import { summarize } from "../../log-summaries/io/summarize.ts";
import type { ForkPosition } from "../../model/descent.ts";
import type { PastFork } from "../../model/fork.ts";
import { newDataDir } from "../../model/ids.ts";
import { formatLsn, parseLsn } from "../../model/lsn.ts";
import type { PointInTime } from "../../model/point-in-time.ts";
import type { AdminAddress } from "../../postgres/io/admin.ts";
import { oldestSegment } from "../../postgres/io/control-file.ts";
import { hasFeature } from "../../postgres/version-features.ts";
import type { BranchData } from "../../storage/io/data-directories.ts";
import { beforeHistory, noHistory, refuseBeyondLog, refuseFuture } from "../history-bounds.ts";
import { type RecoveryTarget, stoppedBefore, targetOf } from "../recovery-target.ts";
import {
  type BaseBackup,
  baseBackupFor,
  type HistoryLimits,
  isAffordable,
  unreachable,
} from "../retention.ts";
import type { BaseBackups } from "./base-backups.ts";
import type { Source } from "./source.ts";
import { replayWal, type WalReplay, type WalReplayOrder } from "./wal-replay.ts";

const mostAttempts = 3;

interface RecoveryParts {
  data: BranchData;
  backups: BaseBackups;
  /** Of the servers that replay a log. */
  logFile: string;
  limits: HistoryLimits;
}

/**
 * The past of branches, by Postgres' own point-in-time recovery: the newest base from before the
 * moment is copied, and the log that the branch's server still holds is replayed on it up to there.
 */
export class PointInTimeRecovery {
  readonly #data: BranchData;
  readonly #backups: BaseBackups;
  readonly #logFile: string;
  readonly #limits: HistoryLimits;

  constructor({ data, backups, logFile, limits }: RecoveryParts) {
    this.#data = data;
    this.#backups = backups;
    this.#logFile = logFile;
    this.#limits = limits;
  }

  /** Whether the source's own history goes back as far as that. */
  async reaches(source: Source, moment: PointInTime): Promise<boolean> {
    return baseBackupFor(await this.#usableBases(source), moment) !== undefined;
  }

  /** A copy of the source as it was at the moment. */
  async fork(source: Source, moment: PointInTime): Promise<PastFork> {
    throwIf(refuseFuture(moment, new Date().toISOString()));
    if (source.windowSeconds === 0) throw this.#outside(source, moment, undefined);
    // A commit after the moment is what tells recovery where to stop.
    throwIf(refuseBeyondLog(moment, await this.headOf(source)));
    const { fork, rolled } = await this.#reach(source, moment, targetOf(moment));
    if (rolled.dropping.length === 0 || "lsn" in moment) return fork;
    const whole = await this.#beforeDrop(source, moment, rolled).catch(() => undefined);
    if (whole === undefined) return fork;
    await this.#data.discard(fork.dataDir);
    return whole;
  }

  /** Where the source's log ends, after a commit that is flushed to disk; wakes its server. */
  async headOf(source: Source): Promise<string> {
    const flushes = hasFeature(source.compute.environment.binaries.major, "emitFlush");
    return source.compute.admin("postgres", async (client) => {
      await client.query("set synchronous_commit = local");
      const { rows } = await client.query<{ lsn: string }>(
        `select pg_logical_emit_message(true, 'ds', 'moment'${flushes ? ", true" : ""}) as lsn`,
      );
      return (rows[0] as { lsn: string }).lsn;
    });
  }

  /** The first position of the log that the source can be brought back to; refuses with 422 where there is none. */
  async beginOfHistory(source: Source): Promise<string> {
    const bases = source.windowSeconds === 0 ? [] : await this.#usableBases(source);
    const first = bases.find(({ validFromLsn }) => validFromLsn !== unreachable);
    if (first) return first.validFromLsn;
    throw noHistory(source, isAffordable(source, this.#data.method, this.#limits));
  }

  /** Looks at the source as it was at a position: at a server of its own, whose data goes when `work` is done. */
  async look<T>(
    source: Source,
    moment: { lsn: string },
    work: (address: AdminAddress) => Promise<T>,
  ): Promise<T> {
    let seen: { result: T } | undefined;
    const look = async (address: AdminAddress) => {
      seen = { result: await work(address) };
    };
    const { fork } = await this.#reach(source, moment, targetOf(moment), { look });
    await this.#data.discard(fork.dataDir);
    return (seen as unknown as { result: T }).result;
  }

  /** A copy of the base from before the moment, with the log replayed on it up to the target. */
  async #reach(
    source: Source,
    moment: PointInTime,
    target: RecoveryTarget,
    { logFile = this.#logFile, look }: { logFile?: string; look?: WalReplayOrder["look"] } = {},
  ): Promise<{ fork: PastFork; rolled: WalReplay }> {
    const dataDir = await this.#copyOfBase(source, moment);
    try {
      const log = join(this.#data.path(source.dataDir), "pg_wal");
      const rolled = await replayWal(source.compute.environment, {
        path: this.#data.path(dataDir),
        logFile,
        name: `history of ${source.name}`,
        log,
        target,
        look,
      });
      const now = new Date();
      const at = ("timestamp" in moment ? new Date(moment.timestamp) : now).toISOString();
      const { contents, lsn } = rolled;
      const copiedFrom = source.dataDir;
      await this.#takeSummaries(source, dataDir, lsn);
      const position = await positionOf(source, rolled);
      return { fork: { kind: "past", dataDir, at, contents, lsn, copiedFrom, position }, rolled };
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
  ): Promise<PastFork> {
    const reach = async (target: RecoveryTarget, logFile?: string) =>
      (await this.#reach(source, moment, target, logFile === undefined ? {} : { logFile })).fork;
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

  /** What the source's log has changed until then is a part of the copy's past, too. */
  async #takeSummaries(source: Source, dataDir: string, lsn: string): Promise<void> {
    const before = formatLsn((parseLsn(lsn) ?? 1n) - 1n);
    await source.compute.admin("postgres", (client) => summarize(client, before, lsn));
    await this.#data.copySummaries(source.dataDir, dataDir, lsn);
  }

  /** A base may be thinned out just as it is about to be copied; then another one serves. */
  async #copyOfBase(source: Source, moment: PointInTime): Promise<string> {
    for (let attempt = 1; ; attempt += 1) {
      const base = await this.#baseFor(source, moment);
      try {
        return await this.#data.copyOf(this.#backups.path(source.dataDir, base));
      } catch (error) {
        if (!isMissing(error) || attempt === mostAttempts) throw error;
      }
    }
  }

  async #baseFor(source: Source, moment: PointInTime): Promise<BaseBackup> {
    const usable = await this.#usableBases(source);
    const base = baseBackupFor(usable, moment);
    if (base) return base;
    throw this.#outside(source, moment, usable[0]);
  }

  /** Those from which the log goes on without a gap. */
  async #usableBases(source: Source): Promise<BaseBackup[]> {
    const bases = await this.#backups.bases(source.dataDir);
    const firstKept = await oldestSegment(this.#data.path(source.dataDir));
    return bases.filter((base) => !firstKept || base.firstSegment.slice(8) >= firstKept.slice(8));
  }

  #outside(source: Source, moment: PointInTime, begin: BaseBackup | undefined): EngineError {
    if (begin) return beforeHistory(source.name, moment, begin);
    return noHistory(source, isAffordable(source, this.#data.method, this.#limits));
  }
}

/**
 * From where on a copy and its source may have other pages. What stops a replay is most often a commit, of which the pages
 * are in the copy already; then that is where its transaction began to write, or else the checkpoint before.
 */
async function positionOf(
  source: Source,
  { lsn, checkpoint, uncommitted }: WalReplay,
): Promise<ForkPosition> {
  if (uncommitted === undefined) return { lsn, open: "unknown" };
  return source.compute.admin("postgres", async (client): Promise<ForkPosition> => {
    const { rows } = await client.query<{ xid: string }>(
      `select xid from unnest($1::text[]) as xid where pg_xact_status(xid::xid8) is distinct from 'aborted'`,
      [uncommitted],
    );
    const open = rows.map(({ xid }) => xid);
    if (open.length === 0) return { lsn, open: [] };
    const isEarlier = (xid: string) => BigInt(xid) < checkpoint.nextTransaction;
    if (open.some(isEarlier)) return { lsn, open: "unknown" };
    const first = await firstWriteOf(client, open, { from: checkpoint.redo, to: lsn });
    return { lsn: first ?? checkpoint.redo, open: [] };
  });
}
