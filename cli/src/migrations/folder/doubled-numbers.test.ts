import { expect, test } from "vitest";
import { doubledNumbers, introducedHere } from "./doubled-numbers.ts";
import { parseFolder } from "./parse-folder.ts";

const folder = (...tags: string[]) =>
  parseFolder({
    path: "drizzle",
    journal: JSON.stringify({ entries: tags.map((tag, when) => ({ tag, when })) }),
    sql: new Map(tags.map((tag) => [`${tag}.sql`, Buffer.from("select 1")])),
    folders: [],
  });
const files = (...tags: string[]) => tags.map((tag) => `${tag}.sql`);

test.each([
  ["none", ["0000_a", "0001_b"], [], []],
  ["one on each side", ["0000_a", "0001_b", "0001_c"], ["0000_a", "0001_b"], ["0001_c", "0001_b"]],
  ["the other's comes second", ["0001_b", "0001_c"], ["0001_c"], ["0001_b", "0001_c"]],
  ["a number behind the number", ["0300_x", "0300_1_y"], ["0300_x"], ["0300_1_y", "0300_x"]],
  ["both of this side", ["0001_b", "0001_c"], [], ["0001_c", "0001_b"]],
  ["both in the base", ["0001_b", "0001_c"], ["0001_b", "0001_c"], []],
  ["in the base under the other form", ["0001_é", "0001_c"], ["0001_e\u0301", "0001_c"], []],
  ["without numbers", ["a", "b"], [], []],
] as const)("doubled numbers: %s", (_, tags, base, expected) => {
  const [first] = introducedHere(doubledNumbers(folder(...tags)), files(...base));
  expect(first === undefined ? [] : [first.name, first.other]).toEqual(expected);
});

test("both are read, in the journal's order", () => {
  const { migrations } = folder("0000_a", "0001_c", "0001_b", "0300_x", "0300_1_y");
  expect(migrations.map(({ name }) => name)).toEqual([
    "0000_a",
    "0001_c",
    "0001_b",
    "0300_x",
    "0300_1_y",
  ]);
});
