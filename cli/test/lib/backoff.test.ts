import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Backoff } from "../../src/lib/io/backoff.ts";

const waits = vi.hoisted(() => [] as number[]);
vi.mock("node:timers/promises", () => ({
  setTimeout: async (ms: number, _: undefined, { signal }: { signal: AbortSignal }) => {
    signal.throwIfAborted();
    waits.push(ms);
    vi.setSystemTime(Date.now() + ms);
  },
}));

beforeEach(() => {
  vi.useFakeTimers({ now: 0, toFake: ["Date"] });
  waits.length = 0;
});
afterEach(() => void vi.useRealTimers());

const options = { firstPause: 100, deadline: 10_000, signal: new AbortController().signal };

test("each pause is twice the one before, up to the longest", async () => {
  const backoff = new Backoff({ ...options, longestPause: 500 });
  for (let time = 0; time < 5; time += 1) await backoff.wait();
  expect(waits).toEqual([100, 200, 400, 500, 500]);
});

test("no pause ends later than the deadline", async () => {
  const backoff = new Backoff({ ...options, firstPause: 400, deadline: 1000 });
  expect(backoff.isNextTooLate).toBe(false);
  await backoff.wait();
  expect([backoff.isNextTooLate, backoff.isTimeUp]).toEqual([true, false]);
  await backoff.wait();
  expect(waits).toEqual([400, 600]);
  expect(backoff.isTimeUp).toBe(true);
});

test("a signal ends the pause", async () => {
  const backoff = new Backoff({ ...options, signal: AbortSignal.abort() });
  await expect(backoff.wait()).rejects.toMatchObject({ name: "AbortError" });
});
