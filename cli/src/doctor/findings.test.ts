import { expect, test } from "vitest";
import { noStyle } from "../lib/terminal/style.ts";
import { clockFinding, doctorText } from "./findings.ts";

test.each([
  ["the same", 1_000_500, "ok", "as the database's"],
  ["within what the answer took", 1_001_900, "ok", "as the database's"],
  ["a minute behind", 1_062_000, "warning", "60 seconds behind"],
  ["an hour ahead", 1_000_000 - 3_600_000, "warning", "3600 seconds ahead of"],
])("clocks: %s", (_, server, health, says) => {
  const found = clockFinding(server, 1_000_000, 1_002_000);
  expect(found).toMatchObject({ health });
  expect(found.says).toContain(says);
});

test("each finding is a line, its fix below, and the sum at the end", () => {
  const text = doctorText(
    [
      { check: "git", health: "ok", says: "a checkout" },
      { check: "config", health: "problem", says: "not valid:\n  projct", fix: "Correct it." },
      { check: "branch", health: "skipped", says: "not checked" },
    ],
    noStyle,
  );
  expect(text.split("\n")).toEqual([
    "✓ git     a checkout",
    "✗ config  not valid:",
    "            projct",
    "          Correct it.",
    "- branch  not checked",
    "",
    "1 problem, 1 not checked.",
  ]);
  expect(doctorText([{ check: "git", health: "ok", says: "a" }], noStyle)).toMatch(/All is well/);
});
