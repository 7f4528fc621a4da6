import { expect, test } from "vitest";
import { NotRun } from "./not-run.ts";

const refusal = new NotRun("MIGRATION_REFUSED", "a.sql was edited", {
  reason: "MIGRATION_EDITED",
  hint: "put it back",
  details: { edited: ["a"] },
});

test("nothing was run, unless something was", () => {
  expect(refusal.after([])).toMatchObject({ message: "a.sql was edited. Nothing was run." });
  expect(refusal.after(["x", "y"])).toMatchObject({
    code: "MIGRATION_REFUSED",
    reason: "MIGRATION_EDITED",
    message: "a.sql was edited. Committed before it: x, y.",
    hint: "put it back",
    details: { edited: ["a"], committed: ["x", "y"] },
  });
});
