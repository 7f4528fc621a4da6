import { expect, test } from "vitest";
import { nextPort } from "./worktree-port.ts";

test.each([
  [3000, [], 3001],
  [3000, [3001, 3002, 3004], 3003],
  [80, [], 1024],
])("above %i, with %j taken: %i", (configured, taken, expected) => {
  expect(nextPort(configured, new Set(taken))).toBe(expected);
});

test("none left", () => {
  expect(() => nextPort(65_535, new Set())).toThrow(
    expect.objectContaining({ code: "CONFLICT", reason: "PORT_TAKEN" }),
  );
});
