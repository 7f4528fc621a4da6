import { setTimeout as sleep } from "node:timers/promises";

/** A pause that is made shorter while it lasts is over this soon. */
const longestNapMs = 1000;

/** Runs `work` again and again, never twice at once; the returned function ends that. */
export function repeat(work: () => Promise<void>, pauseMs: () => number): () => Promise<void> {
  const ended = new AbortController();
  const running = (async () => {
    while (!ended.signal.aborted) {
      const began = performance.now();
      for (;;) {
        const left = pauseMs() - (performance.now() - began);
        if (left <= 0 || ended.signal.aborted) break;
        const nap = Math.min(left, longestNapMs);
        await sleep(nap, undefined, { signal: ended.signal }).catch(() => {});
      }
      if (!ended.signal.aborted) await work();
    }
  })();
  return () => {
    ended.abort();
    return running;
  };
}
