import { setTimeout as sleep } from "node:timers/promises";
import type { ApiFailure } from "../api-error.ts";

/** Of these the API says that the request was not carried out: locked, too many, not now. */
const notCarriedOut: ReadonlySet<unknown> = new Set([423, 429, 503]);
const retries = 4;

/**
 * Repeats what the API says that it has not done, at growing distances. A read changes nothing, so where the way
 * or the server fails it is asked once more, too.
 */
export async function retried<T>(
  signal: AbortSignal,
  kind: "read" | "change",
  call: () => Promise<T>,
): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      const failure = error as ApiFailure;
      const again = notCarriedOut.has(failure.status)
        ? attempt < retries
        : kind === "read" && attempt === 0 && isAccident(failure);
      if (!again || signal.aborted) throw error;
      // Both halves matter: the fixed one lets the API recover, the random one parts those who wait.
      const wait = sleep(125 * 2 ** attempt * (1 + Math.random()), undefined, { signal });
      await wait.catch(() => {
        throw error;
      });
    }
  }
}

/** What took too long once is not asked for again. */
const isAccident = ({ kind, reason, status }: ApiFailure): boolean =>
  (kind === "network" && reason !== "ETIMEDOUT") || (typeof status === "number" && status >= 500);
