import { expect, test } from "vitest";
import type { StatementReport } from "./effects.ts";
import { rehearsalTable } from "./text.ts";

const statement: StatementReport = {
  migration: "0001_a",
  line: 1,
  statement: 1,
  statements: 1,
  sql: "select 1",
  milliseconds: 5,
  inTransaction: true,
  locks: [],
  rewritten: [],
  scanned: [],
};
const taken = { table: "a", mode: "ACCESS EXCLUSIVE", earlier: false };
const weaker = { table: "a", mode: "ACCESS SHARE", earlier: true };
const held = { table: "b", mode: "ACCESS EXCLUSIVE", earlier: true };
const heldStronger = { table: "b", mode: "ROW EXCLUSIVE", earlier: false };

test.each([
  ["none", [], "-"],
  ["the strongest of a table", [taken, weaker], "ACCESS EXCLUSIVE a"],
  [
    "what earlier statements hold is summed up",
    [taken, held],
    "ACCESS EXCLUSIVE a and 1 held before",
  ],
  ["nothing new", [held, heldStronger, { ...held, table: "c" }], "2 held before"],
])("locks: %s", (_, locks, expected) => {
  const [, line] = rehearsalTable([{ ...statement, locks }]);
  expect(line).toBe(
    `0001_a:1   5 ms  ${expected}${" ".repeat(Math.max(0, 5 - expected.length))}  -`,
  );
});
