import type { Transports } from "./http-transport.ts";
import type { ApiAccess } from "./neon-credentials.ts";

/** The API answers such questions in milliseconds; what takes longer is asked again by the SDK. */
const timeout = 20_000;

/** Names without a value are left out. */
type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Reads of Neon's API without the SDK: its code, with that of Node's fetch which it needs, takes longer to
 * load than the API to answer. Only for answers as they should be. Whatever else comes is undefined here,
 * and the SDK is to ask again, which knows when to try once more and what an error means.
 */
export class NeonReader {
  readonly #access: ApiAccess;
  readonly #transports: Transports;
  readonly #signal: AbortSignal;

  constructor(access: ApiAccess, transports: Transports, signal: AbortSignal) {
    this.#access = access;
    this.#transports = transports;
    this.#signal = signal;
  }

  async get<T>(path: string, query: Query = {}): Promise<T | undefined> {
    const url = new URL(`${this.#access.url}${path}`);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) url.searchParams.set(name, String(value));
    }
    const { agent, request } = await this.#transports.for(url.protocol);
    const headers = { accept: "application/json", authorization: `Bearer ${this.#access.key}` };
    return new Promise((done) => {
      const options = { agent, headers, timeout, signal: this.#signal };
      const call = request(url, options, (answer) => {
        let text = "";
        answer.setEncoding("utf8");
        answer.on("data", (chunk: string) => {
          text += chunk;
        });
        answer.on("end", () => done(answer.statusCode === 200 ? parsed<T>(text) : undefined));
        answer.on("error", () => done(undefined));
      });
      call.on("timeout", () => call.destroy());
      call.on("error", () => done(undefined));
      call.end();
    });
  }

  /** All pages of a list. */
  async list<T>(path: string, field: string, query: Query = {}): Promise<T[] | undefined> {
    const items: T[] = [];
    for (let cursor: string | undefined; ; ) {
      const page = await this.get<Page<T>>(path, { ...query, cursor });
      const found = page?.[field] as T[] | undefined;
      if (!Array.isArray(found)) return undefined;
      items.push(...found);
      cursor = page?.pagination?.next ?? page?.pagination?.cursor;
      if (!cursor || found.length === 0) return items;
    }
  }
}

type Page<T> = { pagination?: { next?: string; cursor?: string } } & Record<string, T[]>;

function parsed<T>(text: string): T | undefined {
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}

/** A path below the base URL. */
export function path(texts: TemplateStringsArray, ...parts: string[]): string {
  return String.raw({ raw: texts }, ...parts.map(encodeURIComponent));
}
