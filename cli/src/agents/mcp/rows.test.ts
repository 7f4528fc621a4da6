import { expect, test } from "vitest";
import { cellOf, moreHint, RowBudget } from "./rows.ts";

const filled = (most: number, rows: string[][]) => {
  const budget = new RowBudget(most);
  for (const row of rows) budget.add(row);
  return budget;
};

test("as many rows as are wanted, and whether there are more", () => {
  const two = filled(2, [["a"], ["b"]]);
  expect([two.rows.length, two.cut, two.wanted]).toEqual([2, undefined, 1]);
  const more = filled(2, [["a"], ["b"], ["c"], ["d"]]);
  expect([more.rows, more.cut, more.wanted]).toEqual([[["a"], ["b"]], "rows", 0]);
});

test("no more than fit; the first in any case, and long values cut", () => {
  const wide = filled(
    1000,
    Array.from({ length: 100 }, () => ["x".repeat(1_000)]),
  );
  expect(wide.cut).toBe("bytes");
  expect(wide.rows.length).toBeLessThan(30);
  const first = filled(10, [Array.from({ length: 40 }, () => "y".repeat(3_000))]);
  expect([first.rows.length, first.shortened]).toEqual([1, 40]);
  expect(moreHint(undefined, 40)).toContain("substring");
  expect(moreHint(undefined, 0)).toBeUndefined();
});

test.each([
  ["1", 23, 1],
  ["t", 16, true],
  ["f", 16, false],
  ["9007199254740993", 20, "9007199254740993"],
  ["NaN", 701, "NaN"],
  ["1.50", 1700, "1.50"],
  ["text", 25, "text"],
])("%s of type %i", (text, type, value) => expect(cellOf(text, type)).toBe(value));
