import { existsSync, readdirSync } from "node:fs";
import type { Socket } from "node:net";
import { join } from "node:path";
import { errnoOf } from "../../lib/io/files.ts";
import { findRememberedPort } from "../../lib/io/ports.ts";
import { mergeContents, type RolesAndDatabases } from "../../model/contents.ts";
import type { BranchRecord, EndpointRecord } from "../../model/records.ts";
import { asAdmin } from "../../postgres/io/admin.ts";
import { Compute } from "../../postgres/io/compute.ts";
import { hasBusyClients, roundsAnswerMs, suspendAfterMs } from "../../postgres/io/idle.ts";
import { type ComputeEnvironment, limitLog } from "../../postgres/io/launch.ts";
import { readContents, setPassword } from "../../postgres/io/roles.ts";
import { isReservedSetting } from "../../postgres/reserved-settings.ts";
import { EndpointProxy } from "../../proxy/io/endpoint-proxy.ts";
import type { Catalog } from "../../storage/io/catalog.ts";
import type { BranchData } from "../../storage/io/data-directories.ts";

/** How much of its log a branch keeps at most, so that its past can be made again. */
const keptLog = process.env.DS_HISTORY_SIZE ?? "1GB";

/**
 * A copy has its source's prepared transactions, which Postgres does not start without room for; and
 * the endpoint that it is given need not have the source's settings.
 */
function roomForPrepared(
  dataDir: string,
  { max_prepared_transactions: chosen }: Record<string, string>,
): Record<string, string> {
  const files = join(dataDir, "pg_twophase");
  const prepared = existsSync(files) ? readdirSync(files).length : 0;
  const room = Math.max(prepared, Number(chosen ?? 0));
  return prepared === 0 ? {} : { max_prepared_transactions: String(room) };
}

/** The Postgres of each branch and the address of each endpoint. */
export class ComputePool {
  readonly #catalog: Catalog;
  readonly #data: BranchData;
  readonly #environment: ComputeEnvironment;
  readonly #logs: string;
  readonly #onHttp: (client: Socket) => void;
  readonly #computes = new Map<string, Compute>();
  readonly #proxies = new Map<string, EndpointProxy>();
  readonly #lastBytes = new Map<string, number>();
  /** Endpoints whose port somebody else has, with what happened. */
  readonly problems = new Map<string, string>();

  /** `onHttp` takes clients that speak HTTP at an endpoint's address. */
  constructor(
    catalog: Catalog,
    data: BranchData,
    environment: ComputeEnvironment,
    logs: string,
    onHttp: (client: Socket) => void,
  ) {
    this.#catalog = catalog;
    this.#data = data;
    this.#environment = environment;
    this.#logs = logs;
    this.#onHttp = onHttp;
  }

  of(branchId: string): Compute {
    const compute = this.#computes.get(branchId);
    if (!compute) throw new Error(`no compute for ${branchId}`);
    return compute;
  }

  get running(): number {
    return [...this.#computes.values()].filter((compute) => compute.isRunning).length;
  }

  /** `record` serves until the catalog has the branch. */
  add(record: BranchRecord): Compute {
    const current = () => this.#catalog.branches.get(record.id) ?? record;
    const compute = new Compute(
      this.#environment,
      () => this.#plan(current()),
      async (address) => {
        const { passwordsToApply, roles } = current();
        if (passwordsToApply.length === 0) return;
        await asAdmin(address, "postgres", async (client) => {
          for (const { name, password } of roles) {
            if (password && passwordsToApply.includes(name))
              await setPassword(client, name, password);
          }
        });
        await this.#update(record.id, (branch) => ({ ...branch, passwordsToApply: [] }));
      },
    );
    this.#computes.set(record.id, compute);
    return compute;
  }

  /** Computes for branches that came to the catalog by themselves (loaded, or preserved). */
  addMissing(): void {
    for (const branch of this.#catalog.branches.values()) {
      if (!this.#computes.has(branch.id)) this.add(branch);
    }
  }

  async remove(branchId: string): Promise<void> {
    const compute = this.#computes.get(branchId);
    for (const [id, proxy] of this.#proxies) {
      if (proxy.branchId === branchId) await this.closeEndpoint(id);
    }
    await compute?.retire();
    this.#computes.delete(branchId);
  }

  /** Gives the endpoint a port that it keeps, and listens there. */
  async openNewEndpoint(endpoint: Omit<EndpointRecord, "port">): Promise<EndpointRecord> {
    for (;;) {
      const taken = [...this.#catalog.endpoints.values()].map(({ port }) => port);
      const opened = [...this.#proxies.values()].map(({ port }) => port);
      const record = {
        ...endpoint,
        port: await findRememberedPort(new Set([...taken, ...opened])),
      };
      try {
        await this.#listen(record);
        return record;
      } catch (error) {
        if (errnoOf(error) !== "EADDRINUSE") throw error;
      }
    }
  }

  /** Listens for every endpoint of the catalog; what cannot be had now is tried again by `tend`. */
  async openAll(): Promise<void> {
    for (const endpoint of this.#catalog.endpoints.values()) {
      if (this.#proxies.has(endpoint.id)) continue;
      try {
        await this.#listen(endpoint);
        this.problems.delete(endpoint.id);
      } catch (error) {
        this.problems.set(
          endpoint.id,
          `port ${endpoint.port} of endpoint ${endpoint.id} cannot be listened on (${(error as Error).message}); it will be as soon as it is free`,
        );
      }
    }
  }

  listensOn(port: number): boolean {
    return [...this.#proxies.values()].some((proxy) => proxy.port === port);
  }

  /** Lets every address lead to the branch that its endpoint belongs to now. */
  followEndpoints(): void {
    for (const [id, proxy] of this.#proxies) {
      const branchId = this.#catalog.endpoints.get(id)?.branchId ?? proxy.branchId;
      if (branchId !== proxy.branchId) proxy.moveTo(branchId, this.of(branchId));
    }
  }

  async closeEndpoint(endpointId: string): Promise<void> {
    const proxy = this.#proxies.get(endpointId);
    this.#proxies.delete(endpointId);
    this.#lastBytes.delete(endpointId);
    this.problems.delete(endpointId);
    await proxy?.close();
  }

  /** Stops the compute after noting what the branch holds, for the time that it sleeps. */
  async suspend(branchId: string): Promise<void> {
    const compute = this.of(branchId);
    if (!compute.isRunning) return;
    await this.refresh(branchId);
    await compute.stop();
  }

  async refresh(branchId: string): Promise<void> {
    const contents = await this.of(branchId)
      .admin("postgres", readContents, roundsAnswerMs)
      .catch(() => undefined);
    if (contents) await this.record(branchId, contents);
  }

  async record(
    branchId: string,
    contents: RolesAndDatabases & { logicalSize?: number },
  ): Promise<void> {
    const now = new Date().toISOString();
    const branch = this.#catalog.branches.get(branchId);
    if (!branch) return;
    const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);
    const merged = mergeContents(branch, contents, now);
    const { roles, databases, logicalSize } = branch;
    if (same(merged, { roles, databases, logicalSize })) return;
    await this.#update(branchId, (current) => ({
      ...current,
      ...mergeContents(current, contents, now),
    }));
  }

  /** Suspends what has been idle long enough, and opens ports that have become free. */
  async tend(): Promise<void> {
    await this.openAll();
    for (const [endpointId, proxy] of this.#proxies) await this.#tendOne(endpointId, proxy);
    await this.#suspendUnreachable();
  }

  async #tendOne(endpointId: string, proxy: EndpointProxy): Promise<void> {
    const endpoint = this.#catalog.endpoints.get(endpointId);
    const compute = this.#computes.get(proxy.branchId);
    if (!endpoint || !compute?.isRunning) return;
    limitLog(this.#logOf(proxy.branchId));
    if (compute.isSilent) return;
    const bytes = proxy.bytesReceived;
    if (this.#lastBytes.get(endpointId) !== bytes) {
      this.#lastBytes.set(endpointId, bytes);
      compute.touch();
      await this.refresh(proxy.branchId);
      return;
    }
    const { lastActive } = compute.state;
    const idleMs = Date.now() - Date.parse(lastActive ?? "");
    // A stop would wait for a copy that is being made, and everybody else for the stop.
    if (idleMs < suspendAfterMs(endpoint.suspendTimeoutSeconds) || compute.isHeld) return;
    // Where it does not answer, it has too much to do.
    const isBusy = proxy.connections > 0 && (await hasBusyClients(compute).catch(() => true));
    if (isBusy) return compute.touch();
    await this.refresh(proxy.branchId);
    await compute.stopIf(
      () => proxy.bytesReceived === bytes && compute.state.lastActive === lastActive,
    );
  }

  /** What was woken to be looked at, and has no endpoint by which clients could need it. */
  async #suspendUnreachable(): Promise<void> {
    for (const branchId of [...this.#catalog.branches.keys()]) {
      const compute = this.#computes.get(branchId);
      if (!compute?.isRunning || this.#catalog.endpointsOf(branchId).length > 0) continue;
      const idleMs = Date.now() - Date.parse(compute.state.lastActive ?? "");
      if (idleMs >= suspendAfterMs(0)) await this.suspend(branchId);
    }
  }

  /** How soon `tend` has to look again for the shortest of the timeouts, in milliseconds. */
  get tendIntervalMs(): number {
    const timeouts = [...this.#catalog.endpoints.values()].map((endpoint) =>
      suspendAfterMs(endpoint.suspendTimeoutSeconds),
    );
    return Math.max(250, Math.min(15_000, ...timeouts.map((ms) => ms / 4)));
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#proxies.keys()].map((id) => this.closeEndpoint(id)));
    await Promise.all([...this.#computes.values()].map((compute) => compute.retire()));
  }

  #plan(branch: BranchRecord) {
    const [endpoint] = this.#catalog.endpointsOf(branch.id);
    const chosen = Object.fromEntries(
      Object.entries(endpoint?.pgSettings ?? {}).filter(([name]) => !isReservedSetting(name)),
    );
    const dataDir = this.#data.path(branch.dataDir);
    return {
      dataDir,
      logFile: this.#logOf(branch.id),
      clusterName: branch.id,
      settings: {
        wal_keep_size:
          this.#catalog.projects.get(branch.projectId)?.historyRetentionSeconds === 0
            ? "0"
            : keptLog,
        ...chosen,
        ...roomForPrepared(dataDir, chosen),
        "neon.branch_id": branch.id,
        "neon.project_id": branch.projectId,
        "neon.endpoint_id": endpoint?.id ?? "",
      },
    };
  }

  #logOf(branchId: string): string {
    return join(this.#logs, `${branchId}.log`);
  }

  async #listen(endpoint: EndpointRecord): Promise<void> {
    const isDisabled = () => this.#catalog.endpoints.get(endpoint.id)?.disabled ?? false;
    const compute = this.of(endpoint.branchId);
    const proxy = new EndpointProxy(endpoint, compute, isDisabled, this.#onHttp);
    await proxy.listen();
    this.#proxies.set(endpoint.id, proxy);
  }

  async #update(branchId: string, change: (branch: BranchRecord) => BranchRecord): Promise<void> {
    await this.#catalog.commit(() => {
      const branch = this.#catalog.branches.get(branchId);
      return { branches: branch ? [this.#catalog.withEndpoints(change(branch))] : [] };
    });
  }
}
