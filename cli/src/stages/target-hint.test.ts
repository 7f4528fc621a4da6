import { expect, test } from "vitest";
import { DsError } from "../errors/ds-error.ts";
import { hintOnTarget } from "./target-hint.ts";

const error = new DsError("PENDING", "1 pending", {
  hint: "`ds db migrate` applies them",
  details: { pending: ["0001_a"] },
});

test("the command of a hint is about the same stage; nothing else changes", () => {
  expect(hintOnTarget(error, "dev")).toMatchObject({
    code: "PENDING",
    message: "1 pending",
    hint: "`ds db migrate --target dev` applies them",
    details: { pending: ["0001_a"] },
  });
});

test.each([
  [error, undefined],
  [new DsError("LOCKED", "x", { hint: "Wait" }), "dev"],
  [new DsError("LOCKED", "x"), "dev"],
  [new Error("x"), "dev"],
])("left as it is: %s, %s", (given, target) => {
  expect(hintOnTarget(given, target)).toBe(given);
});
