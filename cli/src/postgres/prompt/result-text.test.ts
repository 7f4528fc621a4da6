import { expect, test } from "vitest";
import { resultText } from "./result-text.ts";

const text = { dataTypeID: 25 };
const int = { dataTypeID: 23 };

test("a statement without rows: its tag", () => {
  expect(resultText({ tag: "INSERT 0 1", fields: [], rows: [] })).toBe("INSERT 0 1");
});

test("a table: names in the middle, numbers right, nulls empty, wide letters and several lines", () => {
  const fields = [
    { name: "id", ...int },
    { name: "title", ...text },
  ];
  const rows = [
    ["1", "日本"],
    ["100", null],
    ["20", "two\nlines"],
  ];
  expect(resultText({ tag: "SELECT 3", fields, rows })).toBe(
    [
      " id  | title",
      "-----+-------",
      "   1 | 日本",
      " 100 |",
      "  20 | two  +",
      "     | lines",
      "(3 rows)",
      "",
    ].join("\n"),
  );
});

test("one row without columns", () => {
  expect(resultText({ tag: "SELECT 1", fields: [], rows: [[]] })).toContain("(1 row)");
});

test("what changed rows and returns them says both", () => {
  const fields = [{ name: "id", ...int }];
  expect(resultText({ tag: "UPDATE 1", fields, rows: [["1"]] })).toMatch(/\(1 row\)\n\nUPDATE 1$/);
});
