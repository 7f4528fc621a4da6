import { expect, test } from "vitest";
import { namesWithBegun } from "./begun.ts";

test.each([
  [2, "0005_kill (begun: its first 2 statements are committed)"],
  [1, "0005_kill (begun: its first statement is committed)"],
  [0, "0005_kill (begun: its first statement may have been carried out)"],
  [null, "0005_kill (begun, and edited since)"],
])("%s statements", (committedStatements, expected) => {
  const begun = [{ migration: "0005_kill", committedStatements }];
  expect(namesWithBegun(["0005_kill", "0006_more"], begun)).toEqual([expected, "0006_more"]);
});
