import { expect, test } from "vitest";
import type { Finding } from "../findings/finding.ts";
import { settleSelected } from "./still-selected.ts";

const dropped = (table: string, column?: string): Finding => ({
  rule: "still-selected",
  severity: "warning",
  migration: "0001_a",
  file: "0001_a.sql",
  line: 1,
  table,
  ...(column === undefined ? {} : { column }),
  says: "-",
  evidence: [],
});
const columns = new Map([["public.a", new Set(["b"])]]);

test.each<[table: string, column: string | undefined, isSelected: boolean]>([
  ['"a"', "b", true],
  ['"public"."a"', "b", true],
  ['"a"', "c", false],
  ['"a"', undefined, true],
  ['"s"."a"', undefined, false],
])("%s %s", (table, column, isSelected) => {
  const left = settleSelected([dropped(table, column)], { ref: "main", columns });
  expect(left).toHaveLength(isSelected ? 1 : 0);
  expect(left.flatMap(({ evidence }) => evidence)).toEqual(
    isSelected ? ["the schema at main has it"] : [],
  );
});

test("without a snapshot all of it stays, and other findings always do", () => {
  const other = { ...dropped('"a"', "c"), rule: "drop-column" };
  expect(settleSelected([dropped('"a"', "c")], undefined)).toHaveLength(1);
  expect(settleSelected([other], { ref: "main", columns })).toEqual([other]);
});
