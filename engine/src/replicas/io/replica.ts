import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type pg from "pg";
import { EngineError, notFound } from "../../lib/engine-error.ts";
import { isSegment } from "../../model/lsn.ts";
import type { BranchRecord, EndpointRecord } from "../../model/records.ts";
import { type AdminAddress, adminRole, asAdmin } from "../../postgres/io/admin.ts";
import { Compute } from "../../postgres/io/compute.ts";
import { oldestSegment } from "../../postgres/io/control-file.ts";
import type { ComputeEnvironment, ComputePlan } from "../../postgres/io/launch.ts";
import type { Catalog } from "../../storage/io/catalog.ts";
import type { BranchData } from "../../storage/io/data-directories.ts";
import type { ReplicaData } from "../../storage/io/replica-data.ts";
import { connectionInfo, standbyName, standbySettings } from "../standby-settings.ts";
import { PrimaryRelay } from "./primary-relay.ts";

export interface ReplicaParts {
  catalog: Catalog;
  data: BranchData;
  replicas: ReplicaData;
  adminPassword: string;
  primaryOf: (branchId: string) => Compute;
  environmentOf: (branch: BranchRecord) => ComputeEnvironment;
  /** Of the servers of a branch: of its primary, where no endpoint is given. */
  settingsOf: (branch: BranchRecord, endpoint?: EndpointRecord) => Record<string, string>;
  logOf: (endpointId: string) => string;
  log: (line: string) => void;
}

/** A standby that gets nothing for so long, while its primary runs, will not get anything any more. */
const longestSilenceMs = 15_000;

/**
 * The Postgres of a read-only endpoint: a hot standby on a copy of its branch's data, which follows the branch's server. It is
 * started with its branch, so that it has what was written while it slept; what that server has no log of any more, or
 * a copy of data that the branch has given up, is made anew.
 */
export class Replica {
  readonly compute: Compute;
  readonly #endpointId: string;
  readonly #parts: ReplicaParts;
  readonly #relay: PrimaryRelay;
  #relayPort: Promise<number> | undefined;
  /** The data directory that its copy is of. */
  #of = "";
  #rebuilt = false;
  #cutOffSince: number | undefined;

  constructor(parts: ReplicaParts, endpointId: string) {
    this.#parts = parts;
    this.#endpointId = endpointId;
    this.#relay = new PrimaryRelay(() => this.#primaryIfThere());
    this.compute = new Compute({
      environment: () => parts.environmentOf(this.#branch()),
      adminPassword: parts.adminPassword,
      plan: () => this.#plan(),
      afterStart: (address) => this.#catchUp(address),
      mend: (error) => this.#mend(error),
    });
  }

  /** Ends it, and its copy; nothing is lost. */
  async remove(): Promise<void> {
    await this.close();
    await this.#parts.replicas.discard(this.#endpointId);
  }

  async close(): Promise<void> {
    await this.compute.retire();
    this.#relay.close();
  }

  /** How far it is behind its primary, in bytes of log; null where one of them sleeps. */
  async lag(answerWithinMs: number): Promise<number | null> {
    const primary = this.#primaryIfThere();
    if (!this.compute.isRunning || !primary) return null;
    const lag = await primary.adminIfRunning(
      "postgres",
      async (client) => {
        const { rows } = await client.query<{ lag: string | null }>(
          `select pg_wal_lsn_diff(pg_current_wal_flush_lsn(), replay_lsn) as lag
           from pg_stat_replication where application_name = $1`,
          [standbyName(this.#endpointId)],
        );
        return rows[0]?.lag ?? null;
      },
      answerWithinMs,
    );
    return lag === null || lag === undefined ? null : Math.max(0, Number(lag));
  }

  /** Stops it when it has lost its primary although that runs: the next start makes up for it. */
  async stopWhereCutOff(answerWithinMs: number): Promise<void> {
    const isCutOff =
      this.#primaryIfThere()?.isRunning &&
      (await this.compute.adminIfRunning("postgres", isStreaming, answerWithinMs)) === false;
    if (!isCutOff) this.#cutOffSince = undefined;
    else this.#cutOffSince ??= Date.now();
    if (this.#cutOffSince === undefined || Date.now() - this.#cutOffSince < longestSilenceMs)
      return;
    this.#cutOffSince = undefined;
    this.#parts.log(`the read replica ${this.#endpointId} gets nothing from its branch any more`);
    await this.compute.whileStopped(() => this.#parts.replicas.discard(this.#endpointId));
  }

  #branch(): BranchRecord {
    const { catalog } = this.#parts;
    const branch = catalog.branches.get(catalog.endpoints.get(this.#endpointId)?.branchId ?? "");
    if (!branch) throw notFound("endpoint");
    return branch;
  }

  #primaryIfThere(): Compute | undefined {
    const { catalog, primaryOf } = this.#parts;
    const branchId = catalog.endpoints.get(this.#endpointId)?.branchId;
    return branchId !== undefined && catalog.branches.has(branchId)
      ? primaryOf(branchId)
      : undefined;
  }

  async #plan(): Promise<ComputePlan> {
    const { catalog, replicas, primaryOf, settingsOf, logOf, adminPassword } = this.#parts;
    const primary = primaryOf(this.#branch().id);
    await primary.ensureRunning();
    primary.touch();
    // It may have been restored while it was waited for.
    const branch = this.#branch();
    this.#of = branch.dataDir;
    if (!(await this.#isUsable(branch))) await this.#build(branch, primary);
    this.#relayPort ??= this.#relay.listen();
    const connection = {
      ...{ host: "127.0.0.1", port: String(await this.#relayPort), sslmode: "disable" },
      ...{ user: adminRole, application_name: standbyName(this.#endpointId) },
      passfile: await replicas.writePassword(
        this.#endpointId,
        `127.0.0.1:*:*:${adminRole}:${adminPassword}`,
      ),
    };
    const endpoint = catalog.endpoints.get(this.#endpointId);
    return {
      dataDir: replicas.path(this.#endpointId),
      logFile: logOf(this.#endpointId),
      clusterName: this.#endpointId,
      settings: standbySettings(
        settingsOf(branch, endpoint),
        settingsOf(branch),
        connectionInfo(connection),
      ),
    };
  }

  /** Whether the copy is of the branch's data as it is now, and that still has the log which follows it. */
  async #isUsable({ dataDir }: BranchRecord): Promise<boolean> {
    const { data, replicas } = this.#parts;
    if (!(await replicas.isOf(this.#endpointId, dataDir))) return false;
    const own = await readdir(join(replicas.path(this.#endpointId), "pg_wal")).catch(() => []);
    const last = own
      .filter(isSegment)
      .map((name) => name.slice(8))
      .sort()
      .at(-1);
    const first = await oldestSegment(data.path(dataDir));
    return last !== undefined && first !== undefined && first.slice(8) <= last;
  }

  async #build({ id, dataDir }: BranchRecord, compute: Compute): Promise<void> {
    const { catalog, data, replicas } = this.#parts;
    const isCurrent = () => catalog.branches.get(id)?.dataDir === dataDir;
    await replicas.adopt(this.#endpointId, await data.fork({ dataDir, compute, isCurrent }));
  }

  /** Waits until it has what its branch had when it was started; true: it has to be started again, on another copy. */
  async #catchUp(address: AdminAddress): Promise<boolean> {
    const primary = this.#primaryIfThere();
    const target = await primary?.adminIfRunning("postgres", flushedLsn, longestSilenceMs);
    const isCaughtUp =
      target === undefined ||
      (await asAdmin(address, "postgres", async (client) => {
        let before = "";
        let since = Date.now();
        for (;;) {
          const { rows } = await client.query<{ at: string; done: boolean }>(
            "select pg_last_wal_replay_lsn() as at, pg_last_wal_replay_lsn() >= $1::pg_lsn as done",
            [target],
          );
          const { at = "", done = false } = rows[0] ?? {};
          if (done) return true;
          if (at !== before) since = Date.now();
          before = at;
          if (Date.now() - since > longestSilenceMs) return false;
          await sleep(10);
        }
      }));
    const isOfBranch = this.#branch().dataDir === this.#of;
    if (isCaughtUp && isOfBranch) {
      this.#rebuilt = false;
      return false;
    }
    if (!(await this.#mend(undefined))) {
      const says = "the read replica does not get what its branch has; try again";
      throw new EngineError(503, "COMPUTE_START_FAILED", says);
    }
    return true;
  }

  /** A copy that cannot be used is made again, once. */
  async #mend(error: Error | undefined): Promise<boolean> {
    if (this.#rebuilt) {
      this.#rebuilt = false;
      return false;
    }
    const { replicas, log } = this.#parts;
    if (!(await replicas.isOf(this.#endpointId, this.#of))) return false;
    log(`making the read replica ${this.#endpointId} anew${error ? `: ${error.message}` : ""}`);
    this.#rebuilt = true;
    await replicas.discard(this.#endpointId);
    return true;
  }
}

async function isStreaming(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query(
    "select 1 from pg_stat_wal_receiver where status = 'streaming'",
  );
  return rows.length > 0;
}

async function flushedLsn(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ lsn: string }>("select pg_current_wal_flush_lsn() as lsn");
  return (rows[0] as { lsn: string }).lsn;
}
