import { expect, test } from "vitest";
import { table } from "./table.ts";

test("columns are aligned whatever colours are in them", () => {
  expect(
    table([
      ["a", "1"],
      ["\u001b[1mlong\u001b[22m", "22"],
      ["é", ""],
    ]),
  ).toEqual(["a     1", "\u001b[1mlong\u001b[22m  22", "é"]);
});
