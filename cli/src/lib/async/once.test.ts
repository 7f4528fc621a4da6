import { expect, test } from "vitest";
import { once } from "./once.ts";

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
