import { expect, test } from "vitest";
import { listingOf, parseFileList, parseObjects } from "../../lib/git/objects.ts";
import type { Migration } from "../folder/migration.ts";
import { failureSentence, otherRows, sameNumbers, shared } from "./conflicts.ts";

const migration = (name: string, hash = name): Migration => ({
  name,
  ledgerName: name,
  file: `${name}.sql`,
  when: 0,
  hash,
  sameContent: [hash, `${hash} with other line ends`],
  sql: "",
});

test("what both sides have is told by content, whatever its name or line ends", () => {
  const mine = [migration("0001_a", "x"), migration("0002_b", "y")];
  const theirs = [migration("0001_c", "x with other line ends"), migration("0002_b", "z")];
  expect(shared(mine, theirs)).toEqual([mine[0]]);
});

test("numbers that were given twice; folders of the newer format have none", () => {
  expect(sameNumbers([migration("0004_a")], [migration("0003_x"), migration("0004_b")])).toEqual([
    "0004_a and 0004_b have the same number",
  ]);
  expect(sameNumbers([migration("20261122231314_a")], [migration("20261122231314_b")])).toEqual([]);
});

test("which of the two fails, and in which order", () => {
  const failed = { ok: false, migration: "b", message: "no" } as const;
  expect(failureSentence([migration("a")], [migration("b")], failed)).toBe("b fails after a: no");
  expect(failureSentence([migration("b")], [migration("a")], failed)).toBe("b fails before a: no");
});

test("files of a commit: names with blanks, no submodules, contents with newlines", () => {
  const list = [
    "100644 blob aa\tdb/a b.sql",
    "160000 commit bb\tdb/sub",
    "100644 blob cc\tdb/meta/x",
    "",
  ].join("\0");
  expect(parseFileList(list, "db/")).toEqual([
    { id: "aa", name: "a b.sql" },
    { id: "cc", name: "meta/x" },
  ]);
  expect(() => parseFileList("100644 blob aa\tdb/../../x\0", "db/")).toThrow("leads out of");
  const contents = parseObjects(Buffer.from("aa blob 5\nl 1\n\n\ncc blob 0\n\n"));
  expect(contents.map((bytes) => Buffer.from(bytes).toString())).toEqual(["l 1\n\n", ""]);
  expect(() => parseObjects(Buffer.from("aa missing\n"))).toThrow("aa missing");
});

test("a listing of either format", () => {
  const bytes = Buffer.from("x");
  const v0 = listingOf(
    "p",
    new Map([
      ["0000_a.sql", bytes],
      ["meta/_journal.json", bytes],
    ]),
  );
  expect({ ...v0, sql: [...v0.sql.keys()] }).toEqual({
    path: "p",
    journal: "x",
    sql: ["0000_a.sql"],
    folders: [],
  });
  const v1 = listingOf(
    "p",
    new Map([
      ["20261122231314_a/migration.sql", bytes],
      ["20261122231314_a/snapshot.json", bytes],
    ]),
  );
  expect(v1.folders).toEqual(["20261122231314_a"]);
  expect([...v1.sql.keys()]).toEqual(["20261122231314_a/migration.sql"]);
});

test("rows that differ between the orders, unless they differ from run to run", () => {
  const one = { a: "1", b: "2", c: "3" };
  expect(otherRows(one, { ...one }, one)).toEqual([]);
  expect(otherRows(one, { ...one, a: "x" }, one)).toEqual(["a"]);
  expect(otherRows(one, { ...one, a: "x" }, { ...one, a: "y" })).toEqual([]);
  expect(otherRows({}, { a: "1" }, {})).toEqual(["a"]);
});
