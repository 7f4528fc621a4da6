import type { Client } from "pg";
import { loopbackHttp } from "../../../lib/io/loopback-http.ts";
import { connectPostgres } from "../../../postgres/io/connect.ts";
import type { LedgerPrefetchPort, PrefetchAddress } from "../../../stages/io/target.ts";
import type { LedgerName } from "../ledger-name.ts";
import { type Ledger, ledgerFrom, ledgerText } from "./ledger.ts";

export interface LedgerPrefetchOptions {
  applicationName: string;
  ledger: LedgerName;
  /** How long to wait for locks: whoever connects after that hears who holds them. */
  waitMs: number;
  /** Called once the look is under way, for work that its answer is needed with. */
  meanwhile: () => void;
}

const longestMs = 2_000;

/**
 * A look at the ledger that is begun before it is certain to be the right database's, because that takes
 * as long as making certain. The local engine is sent the one query over HTTP, at the port that has just
 * been found to be its own; to any other server a connection is opened, and nothing sent until it is taken.
 */
export class LedgerPrefetch implements LedgerPrefetchPort {
  readonly #applicationName: string;
  readonly #ledgerName: LedgerName;
  readonly #patienceMs: number;
  readonly #meanwhile: () => void;
  readonly #unwanted = new AbortController();
  #url: string | undefined;
  #ledger: Promise<Ledger | undefined> | undefined;
  #client: Promise<Client> | undefined;

  constructor(options: LedgerPrefetchOptions) {
    this.#applicationName = options.applicationName;
    this.#ledgerName = options.ledger;
    this.#patienceMs = Math.min(longestMs, options.waitMs);
    this.#meanwhile = options.meanwhile;
  }

  /** The first one counts. */
  begin(url: string, { api, ...options }: PrefetchAddress): void {
    if (this.#url !== undefined || this.#unwanted.signal.aborted) return;
    this.#url = url;
    const { signal } = this.#unwanted;
    setImmediate(this.#meanwhile);
    if (api !== undefined && options.loopback !== undefined) {
      this.#ledger = this.#ask(api, url).catch(() => undefined);
      return;
    }
    const applicationName = this.#applicationName;
    this.#client = connectPostgres(url, { ...options, applicationName, signal });
    this.#client.catch(() => {});
  }

  /** What the ledger of this database holds; undefined when it was not asked for, or did not tell. */
  async ledger(url: string): Promise<Ledger | undefined> {
    return this.#url === url ? this.#ledger : undefined;
  }

  /** The connection, or why there is none; undefined when none to this URL was begun, or it is taken. */
  takeConnection(url: string): Promise<Client> | undefined {
    const client = this.#url === url ? this.#client : undefined;
    if (client) this.#client = undefined;
    return client;
  }

  /** Ends what was not taken, also while it is being opened. */
  close(): void {
    this.#unwanted.abort();
    this.#client?.then((client) => client.end()).catch(() => {});
    this.#client = undefined;
    this.#ledger = undefined;
  }

  async #ask(api: string, url: string): Promise<Ledger | undefined> {
    const answer = await loopbackHttp(new URL("/sql", api), {
      headers: { "neon-connection-string": url, "neon-raw-text-output": "true" },
      body: JSON.stringify({ query: ledgerText(this.#ledgerName), params: [] }),
      timeout: this.#patienceMs,
      onSocket: (socket) => {
        this.#unwanted.signal.addEventListener("abort", () => socket.destroy());
      },
    });
    return answer === undefined ? undefined : ledgerFrom(JSON.parse(answer), this.#ledgerName);
  }
}
