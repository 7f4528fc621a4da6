import type { raw } from "@neon/sdk";
import { DsError } from "../../errors/ds-error.ts";
import { once } from "../../lib/async/once.ts";
import type { Change, Changes, Outcome } from "../../runtime/changes.ts";
import { apiError } from "../api-error.ts";
import type { ApiFailure } from "../api-failure.ts";
import { fateOf, retryAfterMs } from "../retry-policy.ts";
import { CallFailed } from "./call-failed.ts";
import type { ApiAccess } from "./credentials.ts";
import { makeFetch } from "./fetch.ts";
import { type Operation, pausesOf, runningOperations, waitForOperations } from "./operations.ts";
import { type Persistence, persist } from "./persist.ts";
import { progressOf } from "./progress.ts";
import type { NeonReader } from "./reader.ts";
import type { Transport } from "./transport.ts";

/**
 * So long an answer may take, and what it has begun to be ready. The engine copies a large branch for minutes, and what
 * it makes of the past before it answers.
 */
const limits = {
  local: { answerMs: 30 * 60_000, readyMs: 60 * 60_000 },
  cloud: { answerMs: 2 * 60_000, readyMs: 10 * 60_000 },
};

type Sdk = Awaited<ReturnType<typeof loadSdk>>;

/** What every call of the SDK's raw layer is given. */
interface CallOptions {
  client: Sdk["client"]["client"];
  signal: AbortSignal;
  throwOnError: true;
}

/** What the call is doing, and where it makes a difference to people what it did. */
export interface ChangeWords extends Partial<Pick<Change, "done" | "unclear">> {
  /** Begins the sentence of an error: "creating the branch x". */
  what: string;
}

type Call<T> = (neon: typeof raw, options: CallOptions) => Promise<T>;

/**
 * Looks what came of a request whose answer was lost: the answer that it would have had, or undefined where nothing
 * has happened. Left out for what can be asked for twice.
 */
type Find<T> = (reader: NeonReader) => Promise<T | undefined>;

/**
 * Changes things by Neon's API, through its SDK. Every failure is a DsError. After Ctrl-C no change begins; one that has
 * begun comes to its end, as whether a request that was cut off was carried out would be anybody's guess.
 */
export class NeonWriter {
  readonly #access: ApiAccess;
  readonly #reader: NeonReader;
  readonly #steady: NeonReader;
  readonly #persistence: Persistence;
  readonly #changes: Changes;
  readonly #sdk: () => Promise<Sdk>;

  /** @param readers `reader` is the command's, which `steady` outlives: it goes on after Ctrl-C */
  constructor(
    access: ApiAccess,
    transport: Transport,
    { reader, steady }: { reader: NeonReader; steady: NeonReader },
    { persistence, changes }: { persistence: Persistence; changes: Changes },
  ) {
    this.#access = access;
    this.#reader = reader;
    this.#steady = steady;
    this.#persistence = persistence;
    this.#changes = changes;
    this.#sdk = once(() => loadSdk(access, transport));
  }

  /** Returns the API's answer when the operations that it has begun are over. */
  async change<T>(words: ChangeWords, call: Call<T>, find?: Find<T>): Promise<T> {
    const { what, done, unclear } = words;
    if (this.#persistence.signal.aborted) throw apiError(what, interrupted(), this.#access);
    const work = () => this.#change(words, call, find);
    if (done === undefined || unclear === undefined) return work();
    return this.#changes.during({ done, unclear }, work);
  }

  async #change<T>({ what }: ChangeWords, call: Call<T>, find?: Find<T>): Promise<T> {
    this.#reader.forget();
    const { answer, operations } = await this.#carriedOut(what, call, find);
    try {
      const polling = {
        pauses: pausesOf(this.#access),
        limitMs: Math.max(this.#limits.readyMs, this.#persistence.waitMs),
        progress: (id: string) => progressOf(this.#access, id),
        tell: (text: string) => this.#persistence.tell(`Waiting for the API (${what}): ${text}`),
      };
      await waitForOperations(this.#steady, operations, polling);
    } catch (error) {
      throw this.#unfinished(what, error);
    }
    return answer;
  }

  get #limits() {
    return this.#access.local ? limits.local : limits.cloud;
  }

  /** The answer, of the request or of whoever looked what came of it, with what it has begun. */
  async #carriedOut<T>(what: string, call: Call<T>, find?: Find<T>) {
    const { client, raw } = await this.#sdk();
    const limitMs = this.#limits.answerMs;
    let isUnclear = false;
    const look = async () => {
      if (!isUnclear || find === undefined) return undefined;
      const answer = await find(this.#steady).catch((error) => {
        throw this.#unknown(what, error);
      });
      return answer === undefined
        ? undefined
        : { answer, operations: await this.#begun(what, answer) };
    };
    try {
      return await persist(this.#persistence, what, async () => {
        const found = await look();
        if (found !== undefined) return found;
        try {
          const options = { client: client.client, throwOnError: true as const };
          const answer = await withinLimit(limitMs, (signal) => call(raw, { ...options, signal }));
          return { answer, operations: operationsOf(answer) };
        } catch (error) {
          if (fateOf(error as ApiFailure) === "unclear") isUnclear = true;
          // A repetition may be refused just because the first attempt has come through.
          const found = fateOf(error as ApiFailure) === "final" ? await look() : undefined;
          if (found !== undefined) return found;
          throw error;
        }
      });
    } catch (error) {
      if (error instanceof DsError) throw error;
      const found = await look();
      if (found !== undefined) return found;
      const isUnchanged = isUnclear ? find !== undefined : wasRefused(error as ApiFailure);
      throw this.#failed(what, error as ApiFailure, isUnchanged);
    }
  }

  /** What is under way on what a lost answer was about. */
  async #begun(what: string, answer: unknown): Promise<Operation[]> {
    const { branch, endpoint, project } = answer as Partial<
      raw.BranchResponse & raw.EndpointResponse & raw.ProjectResponse
    >;
    const projectId = branch?.project_id ?? endpoint?.project_id ?? project?.id;
    if (projectId === undefined) return [];
    try {
      return await runningOperations(this.#steady, projectId, branch?.id ?? endpoint?.branch_id);
    } catch (error) {
      throw this.#unfinished(what, error);
    }
  }

  #failed(what: string, failure: ApiFailure, isUnchanged: boolean): DsError {
    const error = apiError(what, failure, this.#access);
    return isUnchanged ? withOutcome(error, "unchanged") : error;
  }

  /** Its answer was lost, and so are those of who looks. */
  #unknown(what: string, cause: DsError): DsError {
    const message = `${what}: the answer was lost, and it is not known whether it was carried out (${cause.message})`;
    return withOutcome(cause.with({ message }), "unknown");
  }

  /** It was begun, and its end was not seen. */
  #unfinished(what: string, error: unknown): DsError {
    const cause =
      error instanceof DsError ? error : apiError(what, error as ApiFailure, this.#access);
    const hasFailed = !(error instanceof DsError) && (error as ApiFailure).kind === "operation";
    const message = `${what}: the API has begun, and it is not known whether it has come to an end (${cause.message})`;
    return withOutcome(hasFailed ? cause : cause.with({ message }), "unknown");
  }
}

const withOutcome = (error: DsError, outcome: Outcome): DsError =>
  error.with({ details: { ...error.details, outcome } });

/** Nothing of it was carried out, as the API says or as it never got there. */
function wasRefused(failure: ApiFailure): boolean {
  const { status } = failure;
  const fate = fateOf(failure);
  return fate === "final" ? typeof status === "number" && status < 500 : fate !== "unclear";
}

const operationsOf = (answer: unknown): Operation[] =>
  ((answer ?? {}) as { operations?: Operation[] }).operations ?? [];

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

async function withinLimit<T>(ms: number, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const limit = AbortSignal.timeout(ms);
  try {
    return await call(limit);
  } catch (error) {
    if (limit.aborted) throw new CallFailed("timeout", `no answer within ${ms / 60_000} minutes`);
    const { response } = error as { response?: Response };
    const pause = retryAfterMs(response?.headers.get("retry-after") ?? undefined, Date.now());
    throw pause === undefined ? error : Object.assign(error as Error, { retryAfterMs: pause });
  }
}

async function loadSdk({ url, key }: ApiAccess, transport: Transport) {
  const { createNeonClient, raw } = await import("@neon/sdk");
  const client = createNeonClient({
    apiKey: key,
    baseUrl: url,
    fetch: makeFetch(transport).fetch,
    throwOnError: true,
  });
  return { client, raw };
}
