import { expect, test } from "vitest";
import type { Problem } from "../model/problem.ts";
import { PlanRefused } from "./problems.ts";

const said = /nobody said/;
test.each<[Problem["kind"][], string, RegExp, RegExp]>([
  [["rules"], "CONFIG_INVALID", /: 1 rule that does not fit\./, /^Mend the rules/],
  [["table"], "REFUSED", /: 1 table of which nobody said/, /^Write what they are/],
  [
    ["skipped", "skipped"],
    "REFUSED",
    /: 2 references to tables that are skipped\./,
    /^Take the rows/,
  ],
  [["column", "rules"], "REFUSED", said, /^Write .*\nMend .*\nThen look again/],
])("%j", (kinds, code, message, hint) => {
  const problems = kinds.map((kind) => ({
    kind,
    subject: "a",
    reason: { code: "NO_PATH" as const },
  }));
  const failure = new PlanRefused(problems);
  expect(failure.code).toBe(code);
  expect(failure.problems).toEqual(problems);
  expect(failure.message).toMatch(message);
  expect(failure.hint).toMatch(hint);
  expect(said.test(failure.message)).toBe(kinds.some((kind) => ["table", "column"].includes(kind)));
});

test("programs get the sentence beside the reason", () => {
  const failure = new PlanRefused([
    { kind: "table", subject: "a", reason: { code: "ONLY_NULLABLE_PATH", columns: ["b", "c"] } },
  ]);
  expect(failure.details.problems).toEqual([
    {
      kind: "table",
      subject: "a",
      reason: { code: "ONLY_NULLABLE_PATH", columns: ["b", "c"] },
      message: "only b,c leads to an organization, and may be NULL",
    },
  ]);
});
