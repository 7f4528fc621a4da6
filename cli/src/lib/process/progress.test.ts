import { expect, test } from "vitest";
import { parseProcessorTime, progressWatch, type Sample } from "./progress.ts";

const limits = { busyMs: 60_000, idleMs: 60_000 };
const verdicts = (samples: [second: number, cpuSeconds: number | undefined][]) => {
  const watch = progressWatch(limits, 0);
  const looks = samples.map(
    ([second, cpu]): Sample => ({
      atMs: second * 1000,
      cpuMs: cpu === undefined ? undefined : cpu * 1000,
    }),
  );
  return looks.map(watch).at(-1);
};

test.each<[string, [number, number | undefined][], string | undefined]>([
  ["has just begun", [[1, 0.1]], undefined],
  [
    "a busy machine gives it little, for ten minutes",
    Array.from({ length: 600 }, (_, at) => [at, at / 20]),
    undefined,
  ],
  [
    "it goes on for good",
    [
      [30, 30],
      [61, 61],
    ],
    "busy",
  ],
  [
    "it waits for an answer, for a while",
    [
      [30, 0.2],
      [59, 0.2],
    ],
    undefined,
  ],
  [
    "it waits for good",
    [
      [1, 0.2],
      [62, 0.205],
    ],
    "idle",
  ],
  [
    "it waits, and then works",
    [
      [50, 0.2],
      [55, 0.5],
      [110, 0.5],
    ],
    undefined,
  ],
  ["the system does not tell, two minutes", [[119, undefined]], undefined],
  ["the system does not tell, and it is over two minutes", [[121, undefined]], "idle"],
])("%s", (_, samples, expected) => {
  expect(verdicts(samples)).toBe(expected);
});

test.each([
  ["  0:00.03\n", 30],
  ["12:34.56", 754_560],
  ["1:02:03", 3_723_000],
  ["1-02:03:04", 93_784_000],
  ["", undefined],
  ["?", undefined],
])("what ps prints: %j", (text, ms) => {
  expect(parseProcessorTime(text)).toBe(ms);
});
