import { expect, test } from "vitest";
import { ansiStyle } from "../terminal/style.ts";
import { harmless, harmlessJson, withoutWorkflowCommands, workflowValue } from "./harmless.ts";

test.each([
  ["plain text, wide and composed: 日本 👨‍👩‍👧 é", "plain text, wide and composed: 日本 👨‍👩‍👧 é"],
  ["two\nlines\tand a tab\r\n", "two\nlines\tand a tab\r\n"],
  ["\u001b]0;title\u0007", "\\x1b]0;title\\x07"],
  ["\u001b[2J\u001b[31mred", "\\x1b[2J\\x1b[31mred"],
  ["\u009b31m", "\\x9b31m"],
  ["over\rwritten", "over\\x0dwritten"],
  ["a\u0008b\u007f\u0000", "a\\x08b\\x7f\\x00"],
  ["\u202eniam\u2066\u200f\u061c\u2028", "\\u202eniam\\u2066\\u200f\\u061c\\u2028"],
])("%j is shown as %j", (text, shown) => {
  expect(harmless(text)).toBe(shown);
});

test("of the escapes of others, own colours stay where there are any; a program's stay all", () => {
  const styled = Object.values(ansiStyle)
    .map((style) => style("x"))
    .join("");
  expect(harmless(styled, "own")).toBe(styled);
  expect(harmless("\u001b[8mhidden\u001b[1;4mx\u001b[2K", "own")).toBe(
    "\\x1b[8mhidden\\x1b[1;4mx\\x1b[2K",
  );
  expect(harmless("\u001b[38;5;9mx\u001b[0m\u001b[2K", "colours")).toBe(
    "\u001b[38;5;9mx\u001b[0m\\x1b[2K",
  );
});

test("JSON keeps its value, and no character of it does anything", () => {
  const value = { name: "\u001b[2J\u009b\u202e\u007f\u2028 ##[add-mask]x ::" };
  const json = harmlessJson(JSON.stringify(value, null, 2));
  expect(JSON.parse(json)).toEqual(value);
  expect(json).toMatch(/^[\n -~]*$/);
  expect(json).not.toContain("##[");
});

test.each([
  ["::set-output name=a::b", "\\::set-output name=a::b"],
  ["fine\n \t::add-mask::x\nalso fine ::x", "fine\n \t\\::add-mask::x\nalso fine ::x"],
  ["x ##[stop-commands]y", "x #\\#[stop-commands]y"],
])("%j is no command to GitHub's runner", (text, shown) => {
  expect(withoutWorkflowCommands(text)).toBe(shown);
});

test("a value of such a command stays in its line", () => {
  expect(workflowValue("50%\r\n::x")).toBe("50%25%0D%0A::x");
});
