import { expect, test } from "vitest";
import { oneLine } from "./one-line.ts";

test("a message of several lines is one part of a sentence", () => {
  expect(oneLine("not\n  now\r\n")).toBe("not now");
});
