import { expect, test } from "vitest";
import { harmless } from "../../../lib/text/harmless.ts";
import { commentText, nameSql, valueLiteral } from "./literal.ts";

test.each([
  [null, "null"],
  ["", "''"],
  ["it's", "'it''s'"],
  ["a\\b", "E'a\\\\b'"],
  ["a\nb\tc\r", "E'a\\nb\\tc\\r'"],
  ["\u001b[31m", "E'\\x1b[31m'"],
  ["\u202ea", "E'\\u202ea'"],
  ["\u0085", "E'\\u0085'"],
  ["##[group]", "E'\\x23#[group]'"],
  ["日本語 😀", "'日本語 😀'"],
])("%j as a literal", (value, sql) => {
  expect(valueLiteral(value)).toBe(sql);
  expect(harmless(sql)).toBe(sql);
  expect(sql).not.toContain("\n");
});

test("names, and comments, which have no line of their own", () => {
  expect(nameSql('a "b"')).toBe('"a ""b"""');
  expect(nameSql("a\n\\")).toBe('U&"a\\000a\\\\"');
  expect(commentText("a\n; drop table x")).toBe("a\\n; drop table x");
});
