import { isAtWork, roundsAnswerMs, suspendAfterMs } from "../../postgres/io/idle.ts";
import { limitLog } from "../../postgres/io/launch.ts";
import type { Catalog } from "../../storage/io/catalog.ts";
import type { BranchContents } from "./branch-contents.ts";
import type { ComputePool } from "./compute-pool.ts";
import type { EndpointListeners } from "./endpoint-listeners.ts";

interface ComputeMaintenanceParts {
  catalog: Catalog;
  computes: ComputePool;
  listeners: EndpointListeners;
  contents: BranchContents;
}

/** Suspends the computes that have been idle long enough, and looks after their logs and ports. */
export class ComputeMaintenance {
  readonly #parts: ComputeMaintenanceParts;
  /** What each endpoint's clients had sent when the rounds last came by. */
  readonly #lastBytes = new Map<string, number>();

  constructor(parts: ComputeMaintenanceParts) {
    this.#parts = parts;
  }

  /** Also opens ports that have become free. */
  async run(): Promise<void> {
    const { listeners } = this.#parts;
    await listeners.openAll();
    for (const endpointId of this.#lastBytes.keys()) {
      if (!listeners.traffic.has(endpointId)) this.#lastBytes.delete(endpointId);
    }
    for (const endpointId of listeners.traffic.keys()) await this.#visit(endpointId);
    await this.#visitReplicas();
    await this.#suspendUnreachable();
  }

  /** How soon the rounds have to come by again for the shortest of the timeouts, in milliseconds. */
  get intervalMs(): number {
    const timeouts = [...this.#parts.catalog.endpoints.values()].map((endpoint) =>
      suspendAfterMs(endpoint.suspendTimeoutSeconds),
    );
    return Math.max(250, Math.min(15_000, ...timeouts.map((ms) => ms / 4)));
  }

  async #visit(endpointId: string): Promise<void> {
    const { catalog, computes, listeners, contents } = this.#parts;
    const endpoint = catalog.endpoints.get(endpointId);
    const proxy = listeners.traffic.get(endpointId);
    const compute = endpoint && computes.ofEndpoint(endpoint);
    if (!endpoint || !proxy || !compute?.isRunning) return;
    const isReplica = endpoint.type === "read_only";
    const refresh = async () => isReplica || (await contents.refresh(proxy.branchId));
    limitLog(computes.logOf(isReplica ? endpointId : proxy.branchId));
    if (compute.isSilent) return;
    const bytes = proxy.bytesReceived;
    if (this.#lastBytes.get(endpointId) !== bytes) {
      this.#lastBytes.set(endpointId, bytes);
      compute.touch();
      await refresh();
      return;
    }
    const { lastActive } = compute.state;
    const idleMs = Date.now() - Date.parse(lastActive ?? "");
    // A stop would wait for a copy that is being made, and everybody else for the stop.
    if (idleMs < suspendAfterMs(endpoint.suspendTimeoutSeconds) || compute.isHeld) return;
    // Where it does not answer, it has too much to do.
    if (await isAtWork(compute).catch(() => true)) return compute.touch();
    await refresh();
    await compute.stopIf(
      () => proxy.bytesReceived === bytes && compute.state.lastActive === lastActive,
    );
    if (!isReplica) await contents.noteUse([proxy.branchId]);
  }

  /** A replica that does not follow its branch any more. */
  async #visitReplicas(): Promise<void> {
    for (const { replica } of this.#parts.computes.runningReplicas) {
      if (!replica.compute.isHeld) await replica.stopWhereCutOff(roundsAnswerMs);
    }
  }

  /** What was woken to be looked at, and has no endpoint by which clients could need it. */
  async #suspendUnreachable(): Promise<void> {
    const { catalog, computes, contents } = this.#parts;
    for (const branchId of [...catalog.branches.keys()]) {
      const compute = computes.runningOf(branchId);
      const isReached = catalog.endpointsOf(branchId).some(({ type }) => type === "read_write");
      if (!compute || isReached) continue;
      const idleMs = Date.now() - Date.parse(compute.state.lastActive ?? "");
      if (idleMs >= suspendAfterMs(0)) await contents.suspend(branchId);
    }
  }
}
