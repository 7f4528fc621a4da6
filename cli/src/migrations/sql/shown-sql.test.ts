import { describe, expect, test } from "vitest";
import { onOneLine, shownSql } from "./shown-sql.ts";

describe("on one line", () => {
  test.each([
    ["alter table a\n  add b int;\n--> statement-breakpoint\n", "alter table a add b int"],
    ["select 1; -- one\n\n-- two\n", "select 1"],
    ["-- only a comment\n", ""],
    ["", ""],
    ["select '-- no comment';\n/* at\nthe end */", "select '-- no comment'"],
  ])("%j", (sql, expected) => expect(onOneLine(sql)).toBe(expected));

  test("cut", () => expect(onOneLine("x".repeat(100), 10)).toBe(`${"x".repeat(9)}…`));

  test("a comment of dashes in the middle is read once", () => {
    const sql = `create table a (\n--${"-".repeat(500)} x\nid int)`;
    expect(onOneLine(sql)).toMatch(/^create table a \( ---/);
  });
});

describe("over several lines", () => {
  test("what can be read is left as it is", () => {
    expect(shownSql("create table a (\n  id int\n)")).toEqual([
      "create table a (",
      "  id int",
      ")",
    ]);
  });

  test("a long line and a long list are cut, and say so", () => {
    expect(shownSql(`select '${"f".repeat(200_000)}'`)).toEqual([
      `select '${"f".repeat(192)}… (199,809 more)`,
    ]);
    const lines = shownSql("(1),\n".repeat(1000).trim());
    expect(lines).toHaveLength(61);
    expect(lines.at(-1)).toBe("… and 940 more lines");
  });
});
