import { monotonicMs } from "../../lib/async/monotonic.ts";
import { apiError } from "../api-error.ts";
import type { ApiFailure } from "../api-failure.ts";
import type { Asker } from "./ask.ts";
import { CallFailed } from "./call-failed.ts";
import type { ApiAccess } from "./credentials.ts";
import { type Persistence, persist } from "./persist.ts";

/** An answer that was asked for in advance is as good as a new one for so long, in milliseconds. */
const freshForMs = 2_000;

/**
 * Reads Neon's API, without the SDK: its code, with that of Node's fetch which it needs, takes longer to load
 * than the API to answer. Every failure is a DsError; `what` begins its sentence: "listing branches".
 */
export class NeonReader {
  readonly #access: ApiAccess;
  readonly #asker: Asker;
  readonly #persistence: Persistence;
  readonly #prefetched = new Map<string, { at: number; answer: Promise<unknown> }>();
  /** The questions that were answered: paths with their query. */
  readonly answered = new Set<string>();

  constructor(access: ApiAccess, asker: Asker, persistence: Persistence) {
    this.#access = access;
    this.#asker = asker;
    this.#persistence = persistence;
  }

  async get<T>(what: string, question: string): Promise<T> {
    const answer =
      (await this.#takePrefetched(question)) ??
      (await this.#read(what, () => this.#asker.ask(question)));
    this.answered.add(question);
    return answer as T;
  }

  /** The same for what takes the API long. */
  async getSlow<T>(what: string, question: string): Promise<T> {
    return (await this.#read(what, () => this.#asker.askPatiently(question))) as T;
  }

  /** All pages of a list; `field` is where a page has its items. */
  async pages<P extends Page>(what: string, question: string, field: keyof P): Promise<P[]> {
    const pages: P[] = [];
    for (let cursor: string | undefined; ; ) {
      const page: P = await this.get(what, withQuery(question, { cursor }));
      const items = page[field];
      if (!Array.isArray(items)) {
        const failure = new CallFailed("api", `the answer has no ${String(field)}`);
        throw apiError(what, failure, this.#access);
      }
      pages.push(page);
      cursor = page.pagination?.next ?? page.pagination?.cursor;
      if (!cursor || items.length === 0) return pages;
    }
  }

  /**
   * Asks at once what `get` will probably be asked for. Such an answer serves one question, soon: a
   * second question, or a later one, is asked again, and so is one that failed.
   */
  prefetch(questions: readonly string[]): void {
    const at = monotonicMs();
    for (const question of questions) {
      const answer = this.#asker.ask(question).catch(() => undefined);
      this.#prefetched.set(question, { at, answer });
    }
  }

  /** The answer to a question of `prefetch`, which still serves `get`; undefined to any other. */
  async peek(question: string): Promise<unknown> {
    return await this.#prefetched.get(question)?.answer;
  }

  /** To be called before anything is changed: what was prefetched says how things were. */
  forget(): void {
    this.#prefetched.clear();
  }

  async #takePrefetched(question: string): Promise<unknown> {
    const found = this.#prefetched.get(question);
    this.#prefetched.delete(question);
    const isFresh = found !== undefined && monotonicMs() - found.at < freshForMs;
    return isFresh ? await found.answer : undefined;
  }

  async #read(what: string, ask: () => Promise<unknown>): Promise<unknown> {
    try {
      return await persist(this.#persistence, what, ask);
    } catch (error) {
      throw apiError(what, error as ApiFailure, this.#access);
    }
  }
}

interface Page {
  pagination?: { next?: string; cursor?: string };
}

/** A path below the base URL. */
export function path(texts: TemplateStringsArray, ...parts: string[]): string {
  return String.raw({ raw: texts }, ...parts.map(encodeURIComponent));
}

/** Names without a value are left out. */
export function withQuery(
  question: string,
  query: Readonly<Record<string, string | number | boolean | undefined>>,
): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) search.set(name, String(value));
  }
  if (search.size === 0) return question;
  return `${question}${question.includes("?") ? "&" : "?"}${search}`;
}
