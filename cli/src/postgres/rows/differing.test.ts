import { describe, expect, test } from "vitest";
import { changesOf, differingBuckets, type RowChange, type SideRow } from "./differing.ts";

const row = (bucket: number, key: string, ...values: (string | null)[]): SideRow => ({
  bucket,
  key,
  values,
});

/** In batches of two, and an empty one. */
async function* given(rows: readonly SideRow[]) {
  for (let at = 0; at < rows.length; at += 2) {
    yield rows.slice(at, at + 2);
    yield [];
  }
}

async function changes(base: SideRow[], branch: SideRow[]): Promise<RowChange[]> {
  const found: RowChange[] = [];
  for await (const change of changesOf(given(base), given(branch))) found.push(change);
  return found;
}

describe("rows of both sides, in the order of bucket and key", () => {
  test("nothing on either side, and the same on both", async () => {
    expect(await changes([], [])).toEqual([]);
    expect(await changes([row(1, "a", "x", null)], [row(1, "a", "x", null)])).toEqual([]);
  });

  test("added, removed, changed; NULL is no empty text", async () => {
    const base = [row(0, "a", "1"), row(1, "b", null), row(1, "c", "3")];
    const branch = [row(1, "b", ""), row(1, "c", "3"), row(2, "a", "9")];
    expect(await changes(base, branch)).toEqual([
      { is: "removed", before: ["1"] },
      { is: "changed", before: [null], after: [""] },
      { is: "added", after: ["9"] },
    ]);
  });

  test("one side is at its end", async () => {
    expect(await changes([row(0, "a"), row(0, "b")], [])).toHaveLength(2);
    expect(await changes([], [row(5, "a"), row(9, "b")])).toHaveLength(2);
  });

  test("without a key equal rows pair off one by one", async () => {
    const twice = [row(0, "x", "x"), row(0, "x", "x")];
    expect(await changes(twice, [row(0, "x", "x")])).toEqual([{ is: "removed", before: ["x"] }]);
    expect(await changes([row(0, "x", "x")], [...twice, row(0, "y", "y")])).toHaveLength(2);
  });

  test("keys are in the order of their bytes, as the server has them, beyond the basic plane, too", async () => {
    // U+FF5E is before U+1F600 in UTF-8, and behind it in UTF-16.
    const keys = ["a", "\uff5e", "\u{1f600}"];
    const all = keys.map((key) => row(0, key, key));
    expect(await changes(all, all.slice(1))).toEqual([{ is: "removed", before: ["a"] }]);
    expect(await changes(all, [all[0], all[2]] as SideRow[])).toEqual([
      { is: "removed", before: ["\uff5e"] },
    ]);
  });
});

test("buckets that differ: by their number of rows or their hash, or only on one side", () => {
  const side = (...buckets: [number, string, string][]) =>
    new Map(buckets.map(([bucket, rows, hash]) => [bucket, `${rows} ${hash}`]));
  const base = side([1, "2", "10"], [2, "2", "10"], [3, "2", "10"], [40, "1", "5"]);
  const branch = side([1, "2", "10"], [2, "3", "10"], [3, "2", "11"], [5, "1", "5"]);
  expect(differingBuckets(base, branch)).toEqual([2, 3, 5, 40]);
});
