import { describe, expect, test } from "vitest";
import { forks, isSnapshotOf, type Snapshot } from "./snapshots.ts";

const snapshot = (id: string, ...parents: string[]): Snapshot => ({ file: id, id, parents });

describe("forks", () => {
  test.each<[string, Snapshot[], [string, string][]]>([
    ["a chain", [snapshot("a", "0"), snapshot("b", "a"), snapshot("c", "b")], []],
    ["two children", [snapshot("a", "0"), snapshot("b", "a"), snapshot("c", "a")], [["b", "c"]]],
    ["two beginnings", [snapshot("a", "0"), snapshot("b", "0")], [["a", "b"]]],
    [
      "two children that a third joins",
      [snapshot("a", "0"), snapshot("b", "a"), snapshot("c", "a"), snapshot("d", "b", "c")],
      [],
    ],
    [
      "two children, one of them with a child",
      [snapshot("a", "0"), snapshot("b", "a"), snapshot("c", "a"), snapshot("d", "b")],
      [["b", "c"]],
    ],
    ["one that is its own parent", [snapshot("a", "a")], []],
  ])("%s", (_, snapshots, expected) => {
    expect(forks(snapshots)).toEqual(expected);
  });
});

test.each([
  ["meta/0001_snapshot.json", "0001_b", true],
  ["meta\\0001_snapshot.json", "0001_b", true],
  ["meta/0001_snapshot.json", "0002_c", false],
  ["20260101000000_a/snapshot.json", "20260101000000_a", true],
  ["20260101000000_a/snapshot.json", "20260101000000_b", false],
])("%s belongs to %s: %s", (file, name, expected) => {
  expect(isSnapshotOf(file, { name })).toBe(expected);
});
