import { expect, test } from "vitest";
import { Waited } from "./waited.ts";

test("from the beginning on, without the time that the answer took", async () => {
  let now = 5000;
  const waited = new Waited(() => now);
  now += 1500;
  await waited.answering(async () => {
    now += 60_000;
  });
  now += 2000;
  expect(waited.seconds).toBe(3.5);
});
