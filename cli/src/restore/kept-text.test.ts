import { expect, test } from "vitest";
import { keptText } from "./kept-text.ts";

const now = Date.parse("2026-11-30T12:00:00Z");

test.each([
  [undefined, "kept as long as other branches fork from it"],
  ["2026-12-01T11:59:59.200Z", "kept for 1d, unless newer ones take its place"],
  ["2026-12-01T11:58:00Z", "kept for 23h, unless newer ones take its place"],
])("a recovery point that ends %s: %s", (expiresAt, says) => {
  expect(keptText({ name: "p", expiresAt }, "ds db undo", now)).toEqual([
    `Recovery point: p (${says}). To go back to it: ds db undo`,
  ]);
});

test("none: nothing is said", () => {
  expect(keptText(null)).toEqual([]);
});
