import { chown, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { asAdmin } from "./admin.ts";
import type { BranchData, Fork } from "./branch-data.ts";
import type { Compute } from "./compute.ts";
import { EngineError, unprocessable } from "./errors.ts";
import {
  type Base,
  baseFor,
  baseIsDue,
  type History,
  type Moment,
  superfluous,
} from "./history.ts";
import { type ComputeEnvironment, launch } from "./launch.ts";
import { stopPostmaster } from "./processes.ts";
import { readContents } from "./roles.ts";
import { oldestSegment, parseLsn } from "./wal.ts";

/** Bases of one data directory that are kept at most; on a volume with reflinks they cost little. */
const keptBases = 12;
/** Where a copy costs its full size, larger databases get no history. */
const largestCopiedBase = 256 * 1024 * 1024;

export interface Source {
  name: string;
  dataDir: string;
  compute: Compute;
  /** How far back the project wants its branches' past, in seconds; 0: not at all. */
  windowSeconds: number;
  logicalSize: number | undefined;
}

/**
 * The past of branches, by Postgres' own point-in-time recovery: the newest base from before the
 * moment is copied, and the log that the branch's server still holds is replayed on it up to there.
 */
export class TimeTravel {
  readonly #data: BranchData;
  readonly #history: History;
  readonly #environment: ComputeEnvironment;
  readonly #logFile: string;

  constructor(
    data: BranchData,
    history: History,
    environment: ComputeEnvironment,
    logFile: string,
  ) {
    this.#data = data;
    this.#history = history;
    this.#environment = environment;
    this.#logFile = logFile;
  }

  /** A copy of the source as it was at the moment. */
  async fork(source: Source, moment: Moment): Promise<Fork> {
    const now = new Date().toISOString();
    if ("timestamp" in moment && Date.parse(moment.timestamp) > Date.parse(now)) {
      throw unprocessable(`the moment ${moment.timestamp} lies in the future`);
    }
    // A commit after the moment is what tells recovery where to stop; it is also flushed to disk.
    const head = await source.compute.admin("postgres", async (client) => {
      const { rows } = await client.query<{ lsn: string }>(
        "select pg_logical_emit_message(true, 'ds', 'moment', true) as lsn",
      );
      return (rows[0] as { lsn: string }).lsn;
    });
    if ("lsn" in moment && (parseLsn(moment.lsn) ?? 0n) > (parseLsn(head) ?? 0n)) {
      throw unprocessable(
        `the position ${moment.lsn} lies beyond the branch's log, which is at ${head}`,
      );
    }
    const base = await this.#baseFor(source, moment);
    const dataDir = await this.#data.copyOf(this.#history.path(source.dataDir, base));
    try {
      return await this.#rollForward(source, dataDir, moment);
    } catch (error) {
      await this.#data.discard(dataDir);
      throw error;
    }
  }

  /** Makes a base of the source as it is now; `lsn`, where known, is a position not after that. */
  async takeBase(source: Source, lsn?: string): Promise<void> {
    if (!this.#isAffordable(source)) return;
    const fork = await this.#data.fork(source);
    const validFrom = new Date().toISOString();
    await this.#history.add(source.dataDir, {
      name: fork.dataDir,
      path: this.#data.path(fork.dataDir),
      validFrom,
      // Unknown: no position can be reached from this base, only times.
      validFromLsn: fork.lsnAfter ?? lsn ?? "FFFFFFFF/FFFFFFFF",
    });
  }

  /** Takes a base when much was written since the last, and drops those that are no longer needed. */
  async tend(source: Source): Promise<void> {
    const bases = await this.#history.bases(source.dataDir);
    const windowStart = Date.now() - source.windowSeconds * 1000;
    const firstKept = await oldestSegment(this.#data.path(source.dataDir));
    const gone = this.#isAffordable(source)
      ? superfluous(bases, { windowStart, oldestSegment: firstKept, keep: keptBases })
      : bases;
    for (const base of gone) await this.#history.remove(source.dataDir, base);
    if (!source.compute.isRunning || !this.#isAffordable(source)) return;
    const lsn = await source.compute.admin("postgres", async (client) => {
      const { rows } = await client.query<{ lsn: string }>(
        "select pg_current_wal_insert_lsn() as lsn",
      );
      return (rows[0] as { lsn: string }).lsn;
    });
    const last = bases.filter((base) => !gone.includes(base)).at(-1);
    if (baseIsDue(last, { lsn, time: Date.now() })) await this.takeBase(source);
  }

  #isAffordable(source: Source): boolean {
    if (source.windowSeconds === 0) return false;
    return this.#data.method === "reflink" || (source.logicalSize ?? 0) <= largestCopiedBase;
  }

  async #baseFor(source: Source, moment: Moment): Promise<Base> {
    const bases = await this.#history.bases(source.dataDir);
    const firstKept = await oldestSegment(this.#data.path(source.dataDir));
    const usable = bases.filter(
      (base) => !firstKept || base.firstSegment.slice(8) >= firstKept.slice(8),
    );
    const base = baseFor(usable, moment);
    if (base) return base;
    const asked = "lsn" in moment ? moment.lsn : moment.timestamp;
    const begin = usable[0];
    throw unprocessable(
      begin
        ? `${asked} is before the history of branch "${source.name}", which begins at ${"lsn" in moment ? begin.validFromLsn : begin.validFrom}`
        : `branch "${source.name}" has no history: ${this.#whyNone(source)}`,
    );
  }

  #whyNone(source: Source): string {
    if (source.windowSeconds === 0) return "the project's history_retention_seconds is 0";
    if (!this.#isAffordable(source)) {
      return 'the volume cannot share blocks, and a full copy of a database of this size is too much ("ds engine volume create" helps)';
    }
    return "nothing of it is kept yet";
  }

  async #rollForward(source: Source, dataDir: string, moment: Moment): Promise<Fork> {
    const path = this.#data.path(dataDir);
    const signal = join(path, "recovery.signal");
    await writeFile(signal, "");
    const { user, adminPassword } = this.#environment;
    if (user) await chown(signal, user.uid, user.gid);
    const target =
      "lsn" in moment
        ? { recovery_target_lsn: moment.lsn }
        : { recovery_target_time: postgresTime(moment.timestamp) };
    const running = await launch(this.#environment, {
      dataDir: path,
      logFile: this.#logFile,
      clusterName: `history of ${source.name}`.replace(/[^ -~]/g, "?"),
      settings: {
        ...target,
        recovery_target_action: "promote",
        recovery_target_timeline: "current",
        restore_command: copyCommand(join(this.#data.path(source.dataDir), "pg_wal")),
        hot_standby: "off",
        autovacuum: "off",
      },
    }).catch((error: Error) => {
      throw new EngineError(422, "", `that moment cannot be reached: ${error.message}`, error);
    });
    try {
      const contents = await asAdmin(
        { port: running.port, password: adminPassword },
        "postgres",
        readContents,
      );
      const at = "timestamp" in moment ? moment.timestamp : new Date().toISOString();
      return { dataDir, at, contents, isPast: true };
    } finally {
      await stopPostmaster(running.pid);
      await running.exited;
    }
  }
}

/** RFC 3339 as Postgres reads it on a command line, where it knows no zone by its letter. */
function postgresTime(timestamp: string): string {
  return timestamp.replace(/[Tt]/, " ").replace(/[Zz]$/, "+00");
}

/** For the shell that Postgres runs it in; Postgres itself replaces %f and %p. */
function copyCommand(directory: string): string {
  const quoted = `'${directory.replaceAll("'", `'\\''`).replaceAll("%", "%%")}'`;
  return `cp ${quoted}/%f %p`;
}
