import { expect, test } from "vitest";
import { DsError } from "../../errors/ds-error.ts";
import { emptyReport } from "../run/report.ts";
import { RehearsalFailed } from "./failed.ts";

const report = { ...emptyReport("pending"), pending: ["0001_b"] };
const rehearsal = { of: "main", statements: [] };

test("what failed on the copy is told with its place, and that the branch is untouched", () => {
  const failure = new DsError("SQL_FAILED", "drizzle/0001_b.sql:1:1: no", {
    reason: "ROWS_VIOLATE",
    hint: "Correct it",
    details: { line: 1, committed: ["0000_a"] },
  });
  const failed = new RehearsalFailed(failure, report, rehearsal);
  expect(failed).toMatchObject({
    code: "SQL_FAILED",
    reason: "ROWS_VIOLATE",
    message:
      "the rehearsal on a copy of main failed; main itself is untouched. On the copy:\ndrizzle/0001_b.sql:1:1: no",
    hint: "Correct it",
    report: { status: "failed", applied: [], pending: ["0001_b"], rehearsal },
    details: { line: 1, committed: [], report: { rehearsal } },
    rehearsal,
  });
});

test("an interrupt says nothing of the copy", () => {
  const failure = new DsError("INTERRUPTED", "stopped: 0001_b was rolled back", { hint: "Go on" });
  expect(new RehearsalFailed(failure, report, rehearsal)).toMatchObject({
    code: "INTERRUPTED",
    message: "stopped during the rehearsal on a copy of main; main itself is untouched",
    hint: undefined,
    report: { status: "failed", pending: ["0001_b"] },
  });
});
