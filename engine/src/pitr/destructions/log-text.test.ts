import { expect, test } from "vitest";
import { countChanged, parseCommit, placesOf } from "./log-text.ts";

test("a commit: when, what it did away with, what it consisted of", () => {
  expect(
    parseCommit(
      "2026-12-01 12:47:54.7+00; rels: base/5/24577 pg_tblspc/9/PG_18_202506291/5/24578; subxacts: 7 8; " +
        "dropped stats: 2/5/24577 3/5/99 2/5/24583; inval msgs: catcache 34 relcache 24577",
    ),
  ).toEqual({
    at: "2026-12-01T12:47:54.700000Z",
    preparedXid: undefined,
    subtransactions: ["7", "8"],
    files: ["5/24577", "5/24578"],
    relations: ["5/24577", "5/24583"],
  });
});

test("a commit that did nothing of it, and one of a prepared transaction", () => {
  const nothing = { subtransactions: [], files: [], relations: [] };
  expect(parseCommit("2026-12-01 12:47:54.83046+00")).toEqual({
    at: "2026-12-01T12:47:54.830460Z",
    preparedXid: undefined,
    ...nothing,
  });
  expect(parseCommit("791: 2026-12-01 12:47:54+00; inval msgs: relcache 7")).toEqual({
    at: "2026-12-01T12:47:54.000000Z",
    preparedXid: "791",
    ...nothing,
  });
});

test("what is not written as a commit, or in another zone, is not read as one", () => {
  expect(() => parseCommit("xmin 7")).toThrow();
  expect(() => parseCommit("2026-12-01 12:47:54+02")).toThrow();
});

test.each([
  [
    "DELETE",
    "xmax: 792, off: 42, infobits: [KEYS_UPDATED], flags: 0x00",
    "blkref #0: rel 1663/16386/2610 fork main blk 3",
    { before: ["(3,42)"], after: [] },
  ],
  [
    "HOT_UPDATE",
    "old_xmax: 792, old_off: 27, old_infobits: [], flags: 0x20, new_xmax: 0, new_off: 31",
    "blkref #0: rel 1663/1/2619 fork main blk 1",
    { before: ["(1,27)"], after: ["(1,31)"] },
  ],
  [
    "UPDATE+INIT",
    "old_xmax: 792, old_off: 6, old_infobits: [], flags: 0x00, new_xmax: 0, new_off: 1",
    "blkref #0: rel 1663/1/2619 fork main blk 20 (FPW); hole: offset: 168, length: 104 blkref #1: rel 1663/1/2619 fork main blk 2",
    { before: ["(2,6)"], after: ["(20,1)"] },
  ],
  [
    "INSERT",
    "off: 4, flags: 0x01",
    "blkref #0: rel 1/1/2 fork main blk 2",
    { before: [], after: ["(2,4)"] },
  ],
  [
    "MULTI_INSERT",
    "ntuples: 2, flags: 0x02, offsets: [26, 28]",
    "blkref #0: rel 1/1/2 fork main blk 16",
    { before: [], after: ["(16,26)", "(16,28)"] },
  ],
  [
    "MULTI_INSERT+INIT",
    "ntuples: 2, flags: 0x02",
    "blkref #0: rel 1/1/2 fork main blk 7",
    { before: [], after: ["(7,1)", "(7,2)"] },
  ],
  [
    "LOCK",
    "xmax: 792, off: 1, infobits: [LOCK_ONLY], flags: 0x01",
    "blkref #0: rel 1/1/2 fork main blk 7",
    { before: [], after: [] },
  ],
])("places of %s", (type, text, blocks, places) => {
  expect(placesOf(type, text, blocks)).toEqual(places);
});

const blocks = "blkref #0: rel 1663/5/24577 fork main blk 0";
const update = (from: number, to: number) => ({
  type: "HOT_UPDATE",
  text: `old_xmax: 7, old_off: ${from}, old_infobits: [], flags: 0x20, new_xmax: 0, new_off: ${to}`,
  blocks,
});
const remove = (off: number) => ({ type: "DELETE", text: `xmax: 7, off: ${off}`, blocks });
const insert = (off: number) => ({ type: "INSERT", text: `off: ${off}, flags: 0x00`, blocks });

test.each([
  ["two rows updated", [update(1, 3), update(2, 4)], { deleted: 0, updated: 2 }],
  ["one row updated twice", [update(1, 2), update(2, 3)], { deleted: 0, updated: 1 }],
  ["a row of its own deleted", [insert(1), remove(1), remove(2)], { deleted: 1, updated: 0 }],
  [
    "a row of its own updated and deleted",
    [insert(1), update(1, 2), remove(2)],
    { deleted: 0, updated: 0 },
  ],
  ["a row updated, then deleted", [update(1, 2), remove(2)], { deleted: 1, updated: 1 }],
])("%s", (_, records, changed) => {
  expect(countChanged(records)).toEqual(changed);
});
