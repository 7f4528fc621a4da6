import { setTimeout as sleep } from "node:timers/promises";
import type { ApiFailure } from "../api-error.ts";

/** Of these the API says that the request was not carried out: locked, too many, not now. */
const replayable = new Set([423, 429, 503]);
const retries = 4;

/** The SDK repeats what its own methods send; its raw calls are repeated here, at growing distances. */
export async function retried<T>(signal: AbortSignal, call: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      const { status } = error as ApiFailure;
      if (attempt === retries || typeof status !== "number" || !replayable.has(status)) throw error;
      // Both halves matter: the fixed one lets the API recover, the random one parts those who wait.
      await sleep(125 * 2 ** attempt * (1 + Math.random()), undefined, { signal });
    }
  }
}
