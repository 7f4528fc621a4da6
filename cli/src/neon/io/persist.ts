import { setTimeout as sleep } from "node:timers/promises";
import { monotonicMs } from "../../lib/async/monotonic.ts";
import type { ApiFailure } from "../api-failure.ts";
import { type Fate, fateOf, pauseBefore, triesUnreached, waitingFor } from "../retry-policy.ts";

/** A wait that is shorter is nobody's concern. */
const noticeableMs = 2_000;

/** How long, and for whom, requests are repeated. */
export interface Persistence {
  /** Ends the waiting. */
  signal: AbortSignal;
  /** Milliseconds of each call, with all its attempts. */
  waitMs: number;
  /** Told once of a call that waits for long. */
  tell(text: string): void;
}

/**
 * The one way to call the API: repeats what it has not done, and what `mayRepeat` allows, until the time is over. Fails
 * with the last failure, which then has `waitedMs`.
 */
export async function persist<T>(
  { signal, waitMs, tell }: Persistence,
  what: string,
  call: () => Promise<T>,
  mayRepeat: (fate: Fate) => boolean = () => true,
): Promise<T> {
  const began = monotonicMs();
  let told = false;
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      const failure = error as ApiFailure;
      const fate = fateOf(failure);
      const isHopeless =
        fate === "final" || (fate === "unreached" && attempt + 1 >= triesUnreached);
      if (isHopeless || signal.aborted || !mayRepeat(fate)) throw error;
      const pause = pauseBefore(attempt, failure, Math.random());
      const spent = monotonicMs() - began;
      if (spent + pause > waitMs) throw Object.assign(failure, { waitedMs: spent });
      if (!told && spent + pause >= noticeableMs) {
        told = true;
        tell(`Waiting for the API (${what}): ${waitingFor(failure)}; for up to ${shown(waitMs)}`);
      }
      await sleep(pause, undefined, { signal }).catch(() => {
        throw error;
      });
    }
  }
}

const shown = (ms: number) => (ms % 60_000 === 0 ? `${ms / 60_000}m` : `${Math.ceil(ms / 1000)}s`);
