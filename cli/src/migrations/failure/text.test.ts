import { describe, expect, test } from "vitest";
import { caret, oneLine, serverNotes } from "./text.ts";

const error = { message: "no", code: "P0001" };

test("a message of several lines is one part of a sentence", () => {
  expect(oneLine("not\n  now\r\n")).toBe("not now");
});

test.each([
  ["select nope", 8, "         ^"],
  ["select '日本', nope", 14, "          \u3000\u3000   ^"],
  ["select '日🙂é', nope", 15, "          \u3000\u3000    ^"],
  ["\tnope", 2, "  \t^"],
])("the sign below %j, column %i", (text, column, expected) => {
  expect(caret(text, column)).toEqual([`  ${text}`, expected]);
});

describe("what the server adds", () => {
  test.each([
    ["PL/pgSQL function f() line 3 at RAISE", ["  context: PL/pgSQL function f() line 3 at RAISE"]],
    [
      'SQL statement "insert into a\n  values (1)"\nPL/pgSQL function f() line 3 at SQL statement\nSQL statement "select f()"',
      [
        '  context: SQL statement "insert into a values (1)"',
        "           PL/pgSQL function f() line 3 at SQL statement",
      ],
    ],
    ['SQL function "f" statement 1', ['  context: SQL function "f" statement 1']],
    ["COPY a, line 1\nmore", ["  context: COPY a, line 1"]],
  ])("context %j", (where, expected) => {
    expect(serverNotes({ ...error, where })).toEqual(expected);
  });
});
