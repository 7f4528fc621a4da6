import { expect, test } from "vitest";
import { progressText, thousands } from "./progress.ts";

test.each([
  [
    { rows: 500, bytes: 5 * 1024 * 1024, milliseconds: 2000, expectedRows: 1000, table: "items" },
    "[==========          ] 50%  500 rows  5.0 MB  2.5 MB/s  2s left  items",
  ],
  // More than the statistics knew of.
  [
    { rows: 3000, bytes: 1024, milliseconds: 1000, expectedRows: 1000, table: "items" },
    "[====================] 99%  3,000 rows  1.0 kB  1.0 kB/s  1s left  items",
  ],
  // Too early to tell.
  [
    { rows: 1, bytes: 100, milliseconds: 100, expectedRows: 1000, table: "items" },
    "[                    ] 0%  1 rows  100 B  items",
  ],
  [
    { rows: 1_234_567, bytes: 0, milliseconds: 1000, expectedRows: undefined, table: "users" },
    "1,234,567 rows  0 B  0 B/s  users",
  ],
])("%o", (progress, text) => {
  expect(progressText(progress)).toBe(text);
});

test.each([
  [0, "0"],
  [999, "999"],
  [1000, "1,000"],
  [1234567, "1,234,567"],
])("%d", (count, text) => {
  expect(thousands(count)).toBe(text);
});
