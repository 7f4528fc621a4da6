import { expect, test } from "vitest";
import type { TableLock } from "./locks/modes.ts";
import { planText } from "./plan.ts";

const text = (locks: TableLock[]) =>
  planText(
    {
      migration: "0000_a",
      file: "0000_a.sql",
      steps: [
        {
          transaction: true,
          batches: false,
          committed: false,
          statements: [{ line: 1, sql: "drop table a", locks, effects: [], opaque: false }],
        },
      ],
    },
    new Map(),
    [],
  ).slice(2);

test("each table has a line; of a thousand partitions a few are named", () => {
  const many = Array.from({ length: 1000 }, (_, index) => `"p_${index}"`);
  expect(
    text([
      { table: '"orgs"', mode: "SHARE" },
      ...many.map((table): TableLock => ({ table, mode: "ACCESS EXCLUSIVE" })),
    ]),
  ).toEqual([
    "      -- SHARE on orgs: blocks writes",
    "      -- ACCESS EXCLUSIVE on p_0, p_1, p_2, p_3 and 996 more: blocks reads and writes",
  ]);
});

test("an index that is locked by itself is shown with its table", () => {
  expect(
    text([{ table: '"i"', mode: "SHARE UPDATE EXCLUSIVE", indexOf: '"other"."Odd"' }]),
  ).toEqual([
    '      -- SHARE UPDATE EXCLUSIVE on i, an index of other."Odd": blocks other schema changes only',
  ]);
});
