import { expect, test } from "vitest";
import { type TokenKind, tokenAt } from "./sql-token.ts";

function tokens(sql: string): [TokenKind, string][] {
  const found: [TokenKind, string][] = [];
  for (let at = 0; at < sql.length; ) {
    const { kind, end } = tokenAt(sql, at);
    if (kind !== "space") found.push([kind, sql.slice(at, end)]);
    at = end;
  }
  return found;
}

test.each<[string, TokenKind]>([
  ["-- a 'b", "comment"],
  ["/* a /* b */ 'c */", "comment"],
  ["/* open", "comment"],
  ["'it''s;'", "string"],
  [String.raw`'\'`, "string"],
  [String.raw`e'\'''`, "string"],
  ["'open", "string"],
  ["$$ a'b $$", "string"],
  ["$tag$ $$ $tag$", "string"],
  ['"a""b;"', "name"],
  ["größe$1", "word"],
  ["1234", "symbol"],
  [";", "symbol"],
])("%s is one %s", (sql, kind) => {
  expect(tokens(sql)).toEqual([[kind, sql]]);
});

test("an e at the end of a word escapes nothing", () => {
  expect(tokens(String.raw`note'\' x`)).toEqual([
    ["word", "note"],
    ["string", String.raw`'\'`],
    ["word", "x"],
  ]);
});

test("a parameter is no dollar quote, nor is a dollar within a word", () => {
  expect(tokens("$1 a$b$c")).toEqual([
    ["symbol", "$"],
    ["symbol", "1"],
    ["word", "a$b$c"],
  ]);
});
