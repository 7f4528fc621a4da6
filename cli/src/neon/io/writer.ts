import type { raw } from "@neon/sdk";
import { once } from "../../lib/async/once.ts";
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

/** Changes things by Neon's API, through its SDK. Every failure is a DsError. */
export class NeonWriter {
  readonly #access: ApiAccess;
  readonly #reader: NeonReader;
  readonly #signal: AbortSignal;
  readonly #sdk: () => Promise<Sdk>;

  constructor(access: ApiAccess, transport: Transport, reader: NeonReader, signal: AbortSignal) {
    this.#access = access;
    this.#reader = reader;
    this.#signal = signal;
    this.#sdk = once(() => loadSdk(access, transport));
  }

  /**
   * Returns the API's answer when the operations that it has begun are over.
   *
   * @param what begins the sentence of an error: "creating the branch x"
   */
  async change<T>(
    what: string,
    call: (neon: typeof raw, options: CallOptions) => Promise<T>,
  ): Promise<T> {
    const { client, raw } = await this.#sdk();
    this.#reader.forget();
    try {
      const answer = await retried(this.#signal, "change", () =>
        this.#withinLimit((signal) =>
          call(raw, { client: client.client, signal, throwOnError: true }),
        ),
      );
      const { operations = [] } = (answer ?? {}) as { operations?: raw.Operation[] };
      if (operations.length > 0) {
        await client.operations.waitFor(
          { operations },
          {
            pollIntervalMs: this.#access.local ? 50 : 500,
            timeoutMs: readyLimitMs,
            signal: this.#signal,
          },
        );
      }
      return answer;
    } catch (error) {
      throw apiError(what, error as ApiFailure, this.#access);
    }
  }

  async #withinLimit<T>(call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const limit = AbortSignal.timeout(answerLimitMs);
    try {
      return await call(AbortSignal.any([this.#signal, limit]));
    } catch (error) {
      if (this.#signal.aborted || !limit.aborted) throw error;
      throw new CallFailed("timeout", `no answer within ${answerLimitMs / 60_000} minutes`);
    }
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
