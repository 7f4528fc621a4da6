import type { ClientRequest } from "node:http";
import type { Socket } from "node:net";
import { monotonicMs } from "../../lib/async/monotonic.ts";
import { loopbackHttp } from "../../lib/io/loopback-http.ts";
import { loopbackOf } from "../../postgres/connection-url.ts";
import type { ApiAccess } from "./credentials.ts";
import type { Transports } from "./transport.ts";

/** The API answers such questions in milliseconds; what takes longer is asked again by the SDK. */
const timeout = 20_000;

/** An answer that was asked for in advance is as good as a new one for so long, in milliseconds. */
const freshFor = 2_000;

/** So many at a time may have a socket each; more share those of the agent. */
const fewQuestions = 8;

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
  readonly #open = new Set<{ destroy(): void }>();
  readonly #foreseen = new Map<string, { at: number; answer: Promise<unknown> }>();
  /** What was asked, and answered as it should be: paths with their query. */
  readonly answered = new Set<string>();

  constructor(access: ApiAccess, transports: Transports, signal: AbortSignal) {
    this.#access = access;
    this.#transports = transports;
    this.#signal = signal;
    // Once for all: Node warns of a signal with more than ten listeners, and its own way, an option of the
    // request, loads a module for it.
    signal.addEventListener("abort", () => {
      for (const call of this.#open) call.destroy();
    });
  }

  async get<T>(path: string, query: Query = {}): Promise<T | undefined> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) search.set(name, String(value));
    }
    const question = search.size === 0 ? path : `${path}?${search}`;
    const foreseen = this.#foreseen.get(question);
    this.#foreseen.delete(question);
    const inTime = foreseen !== undefined && monotonicMs() - foreseen.at < freshFor;
    const answer = (inTime ? await foreseen.answer : undefined) ?? (await this.#ask(question));
    if (answer !== undefined) this.answered.add(question);
    return answer as T | undefined;
  }

  /**
   * Asks at once what `get` will probably be asked for. Such an answer serves one question, soon: a
   * second question, or a later one, is asked again.
   */
  prefetch(questions: readonly string[]): void {
    const at = monotonicMs();
    for (const question of questions) {
      this.#foreseen.set(question, { at, answer: this.#ask(question) });
    }
  }

  /** The answer to a question that was foreseen, without making use of it; undefined to any other. */
  foreseen(question: string): Promise<unknown> {
    return this.#foreseen.get(question)?.answer ?? Promise.resolve(undefined);
  }

  /** To be called before anything is changed: what was foreseen says how things were. */
  forget(): void {
    this.#foreseen.clear();
  }

  async #ask(question: string): Promise<unknown> {
    if (this.#signal.aborted) return undefined;
    try {
      const url = new URL(`${this.#access.url}${question}`);
      const headers = { accept: "application/json", authorization: `Bearer ${this.#access.key}` };
      const isLoopback = url.protocol === "http:" && loopbackOf(url.href) !== undefined;
      if (isLoopback && this.#open.size < fewQuestions) {
        return JSON.parse(await this.#loopback(url, headers));
      }
      const { agent, request } = await this.#transports.for(url.protocol);
      const body = await new Promise<string | undefined>((done, failed) => {
        const call = request(url, { agent, headers, timeout }, (answer) => {
          let text = "";
          answer.setEncoding("utf8");
          answer.on("data", (chunk: string) => {
            text += chunk;
          });
          answer.on("end", () => done(answer.statusCode === 200 ? text : undefined));
          answer.on("error", failed);
        });
        this.#track(call);
        call.on("timeout", () => call.destroy());
        call.on("error", failed);
        call.end();
      });
      return body === undefined ? undefined : JSON.parse(body);
    } catch {
      return undefined;
    }
  }

  async #loopback(url: URL, headers: Record<string, string>): Promise<string> {
    const onSocket = (socket: Socket) => this.#track(socket);
    return (await loopbackHttp(url, { headers, timeout, onSocket })) ?? "";
  }

  #track(call: ClientRequest | Socket): void {
    this.#open.add(call);
    call.on("close", () => this.#open.delete(call));
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

/** A path below the base URL. */
export function path(texts: TemplateStringsArray, ...parts: string[]): string {
  return String.raw({ raw: texts }, ...parts.map(encodeURIComponent));
}
