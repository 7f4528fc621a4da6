import { expect, test } from "vitest";
import { rangesOf } from "./page-ranges.ts";

const pages = (text: string, cutAt: number | null = null) => ({ pages: text, cutAt });

test("pages that one of both has changed", () => {
  expect(rangesOf([pages("{[0,2),[7,8)}"), pages("{[1,3),[8,9),[20,21)}")])).toEqual([
    [0, 3],
    [7, 9],
    [20, 21],
  ]);
  expect(rangesOf([])).toEqual([]);
  expect(rangesOf([{ pages: null, cutAt: null }])).toEqual([]);
});

test("what was cut off counts to the end, whatever was written there since", () => {
  expect(rangesOf([pages("{[0,1),[9,12)}", 5), pages("{[3,4)}", 8)])).toEqual([
    [0, 1],
    [3, 4],
    [5, undefined],
  ]);
  expect(rangesOf([{ pages: null, cutAt: 0 }])).toEqual([[0, undefined]]);
});

test("too many ranges become fewer, and cover them all", () => {
  const many = Array.from({ length: 1000 }, (_, index) => `[${index * 3},${index * 3 + 1})`);
  const ranges = rangesOf([pages(`{${many.join(",")}}`)], 10);
  expect(ranges.length).toBeLessThanOrEqual(10);
  const covers = (page: number) => ranges.some(([from, to = 0]) => from <= page && page < to);
  expect(many.every((_, index) => covers(index * 3))).toBe(true);
});
