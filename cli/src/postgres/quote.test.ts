import pg from "pg";
import { expect, test } from "vitest";
import { quoteIdentifier, quoteLiteral, quoteQualified } from "./quote.ts";

const texts = ["", "a", "O'Brien", 'a "name"', "back\\slash", "\\'", "''", "日本 \n $1"];

test.each(texts)("an identifier is the driver's: %j", (text) => {
  expect(quoteIdentifier(text)).toBe(pg.escapeIdentifier(text));
});

test.each(texts)("a literal is the driver's: %j", (text) => {
  expect(quoteLiteral(text)).toBe(pg.escapeLiteral(text).trimStart());
});

test("a table of a schema", () => {
  expect(quoteQualified("audit", 'the "events"')).toBe('"audit"."the ""events"""');
});
