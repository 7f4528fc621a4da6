import type { ClientRequest } from "node:http";
import type { Socket } from "node:net";
import { loopbackHttp } from "../../lib/io/loopback-http.ts";
import { loopbackOf } from "../../postgres/connection-url.ts";
import type { ApiErrorBody } from "../api-failure.ts";
import { retryAfterMs } from "../retry-policy.ts";
import { CallFailed } from "./call-failed.ts";
import type { ApiAccess } from "./credentials.ts";
import type { HttpAnswer, Transport } from "./transport.ts";

/** The local API answers in milliseconds; what takes longer is asked again, and waited for. */
const quickLimitMs = 20_000;

const limitMs = 60_000;

/** So many at a time may have a socket each; more share those of the transport. */
const fewQuestions = 8;

/** GETs a question of the API once: a path below the base URL, with its query. */
export class Asker {
  readonly #access: ApiAccess;
  readonly #transport: Transport;
  readonly #signal: AbortSignal;
  readonly #open = new Set<{ destroy(): void }>();

  constructor(access: ApiAccess, transport: Transport, signal: AbortSignal) {
    this.#access = access;
    this.#transport = transport;
    this.#signal = signal;
    // Once for all: Node warns of a signal with more than ten listeners, and its own way, an option of the
    // request, loads a module for it.
    signal.addEventListener("abort", () => {
      for (const call of this.#open) call.destroy();
    });
  }

  /** The document that the API answers with; CallFailed otherwise. */
  async ask(question: string): Promise<unknown> {
    return (await this.#askQuickly(question)) ?? (await this.askPatiently(question));
  }

  /** For what takes the API long: the quick way would ask it twice. */
  async askPatiently(question: string): Promise<unknown> {
    const interrupted = () => new CallFailed("aborted", "interrupted");
    if (this.#signal.aborted) throw interrupted();
    const answer = await this.#transport
      .send(this.#url(question), {
        headers: this.#headers,
        timeoutMs: limitMs,
        onCall: (call) => this.#track(call),
      })
      .catch((error: NodeJS.ErrnoException) => {
        if (this.#signal.aborted) throw interrupted();
        throw new CallFailed("network", error.message, { reason: error.code ?? error.message });
      });
    return contentOf(answer);
  }

  /** A whole answer of this machine's API with status 200; undefined for any other, and for another API. */
  async #askQuickly(question: string): Promise<unknown> {
    const url = this.#url(question);
    const isLoopback = url.protocol === "http:" && loopbackOf(url.href) !== undefined;
    if (!isLoopback || this.#open.size >= fewQuestions || this.#signal.aborted) return undefined;
    const text = await loopbackHttp(url, {
      headers: this.#headers,
      timeout: quickLimitMs,
      onSocket: (socket) => this.#track(socket),
    });
    return text === undefined ? undefined : parsed(text);
  }

  #url(question: string): URL {
    return new URL(`${this.#access.url}${question}`);
  }

  get #headers() {
    return { accept: "application/json", authorization: `Bearer ${this.#access.key}` };
  }

  #track(call: ClientRequest | Socket): void {
    this.#open.add(call);
    call.on("close", () => this.#open.delete(call));
  }
}

function contentOf({ status, headers, body }: HttpAnswer): unknown {
  const document = parsed(body.toString());
  if (status === 200 && document !== undefined) return document;
  const message = status === 200 ? "the answer is no JSON" : `the API answers with ${status}`;
  const at = headers.findIndex((text, n) => n % 2 === 0 && text.toLowerCase() === "retry-after");
  const pause = retryAfterMs(at < 0 ? undefined : headers[at + 1], Date.now());
  throw new CallFailed("api", message, {
    status,
    body: refusalIn(document),
    ...(pause === undefined ? {} : { retryAfterMs: pause }),
  });
}

/** What is known of Neon's error body: a proxy in between may answer with anything. */
function refusalIn(document: object | undefined): ApiErrorBody {
  const { code, message } = (document ?? {}) as { code?: unknown; message?: unknown };
  return {
    ...(typeof code === "string" ? { code } : {}),
    ...(typeof message === "string" ? { message } : {}),
  };
}

/** Undefined for what is no JSON document. */
function parsed(text: string): object | undefined {
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === "object" && document !== null ? document : undefined;
  } catch {
    return undefined;
  }
}
