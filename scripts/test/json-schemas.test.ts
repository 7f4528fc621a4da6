import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { schemasFile } from "../json-schemas/schemas-file.mjs";
import { schemasText } from "../json-schemas.mjs";

test("the committed schemas are those of what the commands print: npm run json-schemas", () => {
  const [committed, now] = [readFileSync(schemasFile, "utf8"), schemasText()];
  expect(now.split("\n")).toEqual(committed.split("\n"));
  expect(Object.keys(JSON.parse(now))).toContain("engine extension add");
});
