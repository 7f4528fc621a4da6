import { expect, test } from "vitest";
import { DsError } from "../errors/ds-error.ts";
import { nothingChanged } from "../errors/nothing-changed.ts";
import { outcomeOf, withOutcome } from "./outcome.ts";

test("what is left of the branch: a field, and the end of the sentence", () => {
  const failure = new DsError("UPSTREAM", "no answer.", { details: { httpStatus: 500 } });
  expect(outcomeOf(failure)).toBeUndefined();
  expect(withOutcome(failure, "unchanged", "main")).toMatchObject({
    message: "no answer; main is as it was before",
    details: { httpStatus: 500, outcome: "unchanged" },
  });
});

test("a refusal that says itself that nothing was changed is known by its field, so that nobody says it again", () => {
  const refusal = nothingChanged("REFUSED", "it is no production", {
    reason: "NOT_PRODUCTION",
    details: { answer: "no" },
  });
  expect(refusal).toMatchObject({
    message: "it is no production. Nothing was changed.",
    details: { answer: "no", outcome: "unchanged" },
  });
  expect(outcomeOf(refusal)).toBe("unchanged");
});
