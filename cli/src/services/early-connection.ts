import type { Client } from "pg";
import { type ConnectOptions, connectPostgres } from "./postgres.ts";

/**
 * A connection that is begun before it is certain to be the right one, because logging in takes as long
 * as making certain. Nothing is sent through it until it is taken.
 */
export class EarlyConnection {
  readonly #applicationName: string;
  readonly #unwanted = new AbortController();
  #begun: { url: string; client: Promise<Client> } | undefined;

  constructor(applicationName: string) {
    this.#applicationName = applicationName;
  }

  /** The first one counts. */
  begin(url: string, options: Pick<ConnectOptions, "what" | "loopback">): void {
    if (this.#begun || this.#unwanted.signal.aborted) return;
    const client = connectPostgres(url, {
      ...options,
      applicationName: this.#applicationName,
      signal: this.#unwanted.signal,
    });
    client.catch(() => {});
    this.#begun = { url, client };
  }

  /** The connection, or why there is none; undefined when none to this URL was begun. */
  take(url: string): Promise<Client> | undefined {
    if (this.#begun?.url !== url) return undefined;
    const { client } = this.#begun;
    this.#begun = undefined;
    return client;
  }

  /** Ends what was not taken, also while it is being opened. */
  close(): void {
    this.#unwanted.abort();
    this.#begun?.client.then((client) => client.end()).catch(() => {});
    this.#begun = undefined;
  }
}
