import { expect, test } from "vitest";
import { DsError } from "./ds-error.ts";

class WithReport extends DsError {
  readonly report = { applied: 2 };
}

test("an error with other words keeps its class, fields and cause", () => {
  const cause = new Error("why");
  const error = new WithReport("REFUSED", "no", { reason: "BRANCH_PROTECTED", cause });
  const changed = error.with({ message: "still no", hint: "ask" });
  expect(changed).toBeInstanceOf(WithReport);
  expect(changed).toMatchObject({
    code: "REFUSED",
    reason: "BRANCH_PROTECTED",
    message: "still no",
    hint: "ask",
    report: { applied: 2 },
    status: 6,
  });
  expect(changed.cause).toBe(cause);
  expect(changed.stack).toContain("ds-error.test.ts");
  expect(error).toMatchObject({ message: "no", hint: undefined });
});
