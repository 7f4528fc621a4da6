import { expect, test } from "vitest";
import { formatBytes } from "./bytes.ts";
import { once } from "./once.ts";
import { table } from "./table.ts";

test("sizes", () => {
  expect([0, 1023, 1024, 7.4 * 2 ** 20, 250 * 2 ** 30].map(formatBytes)).toEqual([
    "0 B",
    "1023 B",
    "1.0 kB",
    "7.4 MB",
    "250 GB",
  ]);
});

test("columns are aligned whatever colours are in them", () => {
  expect(
    table([
      ["a", "1"],
      ["\u001b[1mlong\u001b[22m", "22"],
      ["é", ""],
    ]),
  ).toEqual(["a     1", "\u001b[1mlong\u001b[22m  22", "é"]);
});

test("once remembers a value, not a failure", async () => {
  let calls = 0;
  const get = once(async () => {
    calls += 1;
    if (calls === 1) throw new Error("first");
    return calls;
  });
  await expect(get()).rejects.toThrow("first");
  expect([await get(), await get()]).toEqual([2, 2]);
});
