import { expect, test } from "vitest";
import { cutToWidth } from "./width.ts";

test.each([
  ["short", 5, "short"],
  ["longer", 5, "long…"],
  ["two\n  lines", 20, "two lines"],
  ["日本語", 6, "日本語"],
  ["日本語", 5, "日本…"],
  ["日本語", 4, "日…"],
  ["🙂🙂", 3, "🙂…"],
])("%j in %i columns", (text, columns, expected) =>
  expect(cutToWidth(text, columns)).toBe(expected),
);
