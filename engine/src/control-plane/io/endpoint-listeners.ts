import type { Socket } from "node:net";
import type { SecureContext } from "node:tls";
import { errnoOf } from "../../lib/io/files.ts";
import { findRememberedPort } from "../../lib/io/ports.ts";
import type { EndpointRecord } from "../../model/records.ts";
import { EndpointProxy } from "../../proxy/io/endpoint-proxy.ts";
import type { Catalog } from "../../storage/io/catalog.ts";
import type { ComputePool } from "./compute-pool.ts";

/** What all addresses have in common. */
interface Outside {
  /** Takes clients that speak HTTP. */
  onHttp: (client: Socket) => void;
  /** Of Postgres' own certificate. */
  tlsContext: SecureContext;
}

/** The address of each endpoint, where clients are listened for. */
export class EndpointListeners {
  readonly #catalog: Catalog;
  readonly #computes: ComputePool;
  readonly #onHttp: (client: Socket) => void;
  readonly #tlsContext: SecureContext;
  readonly #untilReady: (branchId: string) => Promise<void>;
  readonly #proxies = new Map<string, EndpointProxy>();
  /** Endpoints whose port somebody else has, with what happened. */
  readonly problems = new Map<string, string>();

  /**
   * `untilReady` lets clients wait for a branch that is being made.
   */
  constructor(
    catalog: Catalog,
    computes: ComputePool,
    { onHttp, tlsContext }: Outside,
    untilReady: (branchId: string) => Promise<void>,
  ) {
    this.#catalog = catalog;
    this.#computes = computes;
    this.#onHttp = onHttp;
    this.#tlsContext = tlsContext;
    this.#untilReady = untilReady;
  }

  /** Gives the endpoint a port that it keeps, and listens there. */
  async openNew(endpoint: Omit<EndpointRecord, "port">): Promise<EndpointRecord> {
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

  /** Listens for every endpoint of the catalog; what cannot be had now is to be tried again. */
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

  /** Whose address a port is; undefined where nobody listens for it. */
  endpointAt(port: number): EndpointRecord | undefined {
    const [id] = [...this.#proxies].find(([, proxy]) => proxy.port === port) ?? [];
    return id === undefined ? undefined : this.#catalog.endpoints.get(id);
  }

  /** What clients do there, by endpoint. */
  get traffic(): ReadonlyMap<
    string,
    Pick<EndpointProxy, "branchId" | "bytesReceived" | "connections">
  > {
    return this.#proxies;
  }

  /** Lets every address lead to the branch that its endpoint belongs to now. */
  followEndpoints(): void {
    for (const [id, proxy] of this.#proxies) {
      const endpoint = this.#catalog.endpoints.get(id);
      if (!endpoint || endpoint.branchId === proxy.branchId) continue;
      proxy.moveTo(endpoint.branchId, this.#computes.ofEndpoint(endpoint));
    }
  }

  /** Cuts the branch's clients off; they may come again. */
  disconnectFrom(branchId: string): void {
    for (const proxy of this.#proxies.values()) {
      if (proxy.branchId === branchId) proxy.disconnectAll();
    }
  }

  async close(endpointId: string): Promise<void> {
    const proxy = this.#proxies.get(endpointId);
    this.#proxies.delete(endpointId);
    this.problems.delete(endpointId);
    await proxy?.close();
  }

  async closeOfBranch(branchId: string): Promise<void> {
    for (const [id, proxy] of this.#proxies) {
      if (proxy.branchId === branchId) await this.close(id);
    }
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#proxies.keys()].map((id) => this.close(id)));
  }

  async #listen(endpoint: EndpointRecord): Promise<void> {
    const isDisabled = () => this.#catalog.endpoints.get(endpoint.id)?.disabled ?? false;
    const compute = this.#computes.ofEndpoint(endpoint);
    const proxy = new EndpointProxy(endpoint, compute, {
      isDisabled,
      onHttp: this.#onHttp,
      tlsContext: this.#tlsContext,
      untilReady: this.#untilReady,
    });
    await proxy.listen();
    this.#proxies.set(endpoint.id, proxy);
  }
}
