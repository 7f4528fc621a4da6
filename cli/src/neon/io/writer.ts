import type { raw } from "@neon/sdk";
import { once } from "../../lib/async/once.ts";
import type { Change, Changes } from "../../runtime/changes.ts";
import { type ApiFailure, apiError } from "../api-error.ts";
import { CallFailed } from "./call-failed.ts";
import type { ApiAccess } from "./credentials.ts";
import { makeFetch } from "./fetch.ts";
import type { NeonReader } from "./reader.ts";
import { retried } from "./retry.ts";
import type { Transport } from "./transport.ts";

/** A plain copy of a large branch may take minutes before the engine answers. */
const answerLimitMs = 30 * 60_000;
/** So long what an answer has begun may take to be ready. */
const readyLimitMs = 10 * 60_000;

type Sdk = Awaited<ReturnType<typeof loadSdk>>;

/** What every call of the SDK's raw layer is given. */
export interface CallOptions {
  client: Sdk["client"]["client"];
  signal: AbortSignal;
  throwOnError: true;
}

/** What the call is doing, and where it makes a difference to people what it did. */
export interface ChangeWords extends Partial<Pick<Change, "done" | "unclear">> {
  /** Begins the sentence of an error: "creating the branch x". */
  what: string;
}

/**
 * Changes things by Neon's API, through its SDK. Every failure is a DsError. After Ctrl-C no change begins; one that has
 * begun comes to its end, as whether a request that was cut off was carried out would be anybody's guess.
 */
export class NeonWriter {
  readonly #access: ApiAccess;
  readonly #reader: NeonReader;
  readonly #signal: AbortSignal;
  readonly #changes: Changes;
  readonly #sdk: () => Promise<Sdk>;

  constructor(
    access: ApiAccess,
    transport: Transport,
    reader: NeonReader,
    { signal, changes }: { signal: AbortSignal; changes: Changes },
  ) {
    this.#access = access;
    this.#reader = reader;
    this.#signal = signal;
    this.#changes = changes;
    this.#sdk = once(() => loadSdk(access, transport));
  }

  /** Returns the API's answer when the operations that it has begun are over. */
  async change<T>(
    { what, done, unclear }: ChangeWords,
    call: (neon: typeof raw, options: CallOptions) => Promise<T>,
  ): Promise<T> {
    if (this.#signal.aborted) throw apiError(what, interrupted(), this.#access);
    const work = () => this.#change(what, call);
    if (done === undefined || unclear === undefined) return work();
    return this.#changes.during({ done, unclear }, work);
  }

  async #change<T>(
    what: string,
    call: (neon: typeof raw, options: CallOptions) => Promise<T>,
  ): Promise<T> {
    const { client, raw } = await this.#sdk();
    this.#reader.forget();
    try {
      const answer = await retried(this.#signal, "change", () =>
        withinLimit((signal) => call(raw, { client: client.client, signal, throwOnError: true })),
      );
      const { operations = [] } = (answer ?? {}) as { operations?: raw.Operation[] };
      if (operations.length > 0) {
        await client.operations.waitFor(
          { operations },
          { pollIntervalMs: this.#access.local ? 50 : 500, timeoutMs: readyLimitMs },
        );
      }
      return answer;
    } catch (error) {
      throw apiError(what, error as ApiFailure, this.#access);
    }
  }
}

export const creating = (thing: string): ChangeWords => ({
  what: `creating ${thing}`,
  done: `${thing} was created`,
  unclear: `${thing} may have been created`,
});

export const deleting = (thing: string): ChangeWords => ({
  what: `deleting ${thing}`,
  done: `${thing} was deleted`,
  unclear: `${thing} may have been deleted`,
});

const interrupted = () => new CallFailed("aborted", "interrupted");

async function withinLimit<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const limit = AbortSignal.timeout(answerLimitMs);
  try {
    return await call(limit);
  } catch (error) {
    if (!limit.aborted) throw error;
    throw new CallFailed("timeout", `no answer within ${answerLimitMs / 60_000} minutes`);
  }
}

async function loadSdk({ url, key }: ApiAccess, transport: Transport) {
  const { createNeonClient, raw } = await import("@neon/sdk");
  const client = createNeonClient({
    apiKey: key,
    baseUrl: url,
    fetch: makeFetch(transport).fetch,
    // For the polls of operations, which it makes itself.
    requestTimeoutMs: 60_000,
    retries: 4,
    throwOnError: true,
  });
  return { client, raw };
}
