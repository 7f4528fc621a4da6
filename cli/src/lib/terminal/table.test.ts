import { expect, test } from "vitest";
import { table } from "./table.ts";

test("columns are aligned whatever colours are in them", () => {
  expect(
    table([
      ["a", "1"],
      ["\u001b[1mlong\u001b[22m", "22"],
      ["é", ""],
    ]),
  ).toEqual(["a     1", "\u001b[1mlong\u001b[22m  22", "é"]);
});

test("columns are aligned by what a terminal shows, not by characters", () => {
  expect(
    table([
      ["日本", "1"],
      ["main", "2"],
      ["├─ a", "3"],
      ["👨‍👩‍👧🇩🇪", "4"],
      ["cafe\u0301", "5"],
      ["x", "6"],
    ]),
  ).toEqual(["日本  1", "main  2", "├─ a  3", "👨‍👩‍👧🇩🇪  4", "cafe\u0301  5", "x     6"]);
});
