import { expect, test } from "vitest";
import { formatBytes } from "./bytes.ts";

test("sizes", () => {
  expect([0, 1023, 1024, 7.4 * 2 ** 20, 250 * 2 ** 30].map(formatBytes)).toEqual([
    "0 B",
    "1023 B",
    "1.0 kB",
    "7.4 MB",
    "250 GB",
  ]);
});
