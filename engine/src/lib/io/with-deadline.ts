import { setTimeout as sleep } from "node:timers/promises";

/** Returns when the work has ended, or else after the time, while the work goes on. */
export async function withDeadline(limitMs: number, work: Promise<unknown>): Promise<void> {
  const done = new AbortController();
  const limit = sleep(limitMs, undefined, { signal: done.signal }).catch(() => {});
  await Promise.race([work, limit]).finally(() => done.abort());
}
