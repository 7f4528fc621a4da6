import { describe, expect, test } from "vitest";
import { DsError } from "../../errors/ds-error.ts";
import { MigrationsFailed, MigrationsPending } from "./failed.ts";
import { emptyReport } from "./report.ts";

describe("what is pending", () => {
  const begun = [{ migration: "0001_a", committedStatements: 2 }];
  const report = { ...emptyReport("pending"), pending: ["0001_a", "0002_b"], begun };
  const check = { report, toRun: ["0001_a", "0002_b"], refused: [] };

  test("names it, with how far it came; the hint is about the same stage", () => {
    const pending = new MigrationsPending(check, "ds db migrate --target dev");
    expect(pending).toMatchObject({
      code: "PENDING",
      status: 9,
      message: "2 pending: 0001_a (begun: its first 2 statements are committed), 0002_b",
      hint: "`ds db migrate --target dev` applies them",
      report,
      details: { report },
    });
  });

  test("says what a run would refuse", () => {
    const { hint } = new MigrationsPending({ ...check, refused: ["0001_a"] }, "ds db migrate");
    expect(hint).toMatch(/^`ds db migrate` refuses 0001_a here\..* migrations\.late/);
  });
});

describe("a failure", () => {
  const failure = new DsError("LOCKED", "x", { reason: "TABLE_LOCKED", hint: "Wait" });

  test("of a run has its report, and all that the failure has", () => {
    const report = emptyReport("failed");
    const failed = new MigrationsFailed(failure, report);
    expect(failed).toMatchObject({ code: "LOCKED", reason: "TABLE_LOCKED", hint: "Wait", failure });
    expect(failed.details.report).toBe(report);
    expect(MigrationsFailed.from(failed)).toBe(failed);
  });

  test("before a run has an empty one; what is our bug stays as it is", () => {
    expect(MigrationsFailed.from(failure)).toMatchObject({
      failure,
      details: { report: { status: "failed", applied: [] } },
    });
    const bug = new Error("x");
    expect(MigrationsFailed.from(bug)).toBe(bug);
  });
});
