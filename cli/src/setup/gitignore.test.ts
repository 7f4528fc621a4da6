import { expect, test } from "vitest";
import { withIgnored } from "./gitignore.ts";

test.each([
  ["", ".env", "/.env\n"],
  ["a\n", ".env", "a\n/.env\n"],
  ["a", ".env", "a\n/.env\n"],
  ["a\r\nb", ".env", "a\r\nb\r\n/.env\r\n"],
  ["", "!a*[b]? ", "/!a\\*\\[b]\\?\\ \n"],
])("%j with %j", (text, name, expected) => {
  expect(withIgnored(text, name)).toBe(expected);
});
