import { expect, test } from "vitest";
import { namedTwice, oneByOne, referencesIn } from "./name-lists.ts";

test.each([
  ["a.x", ["a.x"]],
  ["a.x, b.y", ["a.x", "b.y"]],
  ["a.x, y, b.z", ["a.x,y", "b.z"]],
  ['a."x, 1", 2, "s.t".u.v', ['a."x, 1",2', '"s.t".u.v']],
  ["*", ["*"]],
])("the references of %s", (list, references) => expect(referencesIn(list)).toEqual(references));

test("lists as one rule for each name, and what is in two of them", () => {
  const rules = { "a.x, b.y": 1, "c.x,y": 2, "b.y": 3 };
  expect(oneByOne(rules, referencesIn)).toEqual({ "a.x": 1, "b.y": 3, "c.x,y": 2 });
  expect(namedTwice(rules, referencesIn)).toEqual(["b.y"]);
});
