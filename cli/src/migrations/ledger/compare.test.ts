import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { type FolderListing, parseFolder, upgradedName } from "../folder/parse-folder.ts";
import { compareWithLedger, type LedgerRow, rowName, toRun } from "./compare.ts";

const hash = (text: string) => createHash("sha256").update(text).digest("hex");

/** A v0 folder: tag -> [when, sql]. */
function v0(files: Record<string, [number, string]>, extra: Record<string, string> = {}) {
  const entries = Object.entries(files).map(([tag, [when]], idx) => ({ idx, tag, when }));
  const sql = Object.entries(files).map(([tag, [, text]]) => [`${tag}.sql`, text] as const);
  return parseFolder(listing(JSON.stringify({ entries }), [...sql, ...Object.entries(extra)], []));
}

function v1(files: Record<string, string>) {
  const sql = Object.entries(files).map(([name, text]) => [`${name}/migration.sql`, text] as const);
  return parseFolder(listing(undefined, sql, Object.keys(files)));
}

function listing(
  journal: string | undefined,
  sql: (readonly [string, string])[],
  folders: string[],
): FolderListing {
  const files = new Map(sql.map(([path, text]) => [path, Buffer.from(text)] as const));
  return { path: "drizzle", journal, sql: files, folders };
}

const row = (sql: string, createdAt?: number, name?: string): LedgerRow => ({
  hash: hash(sql),
  createdAt,
  name,
});

function names(folder: ReturnType<typeof v0>, rows: LedgerRow[]) {
  const states = compareWithLedger(folder, rows);
  const name = (migration: { name: string }) => migration.name;
  return {
    applied: states.applied.map(name),
    pending: states.pending.map(name),
    late: states.late.map(name),
    edited: states.edited.map(name),
    unknown: states.unknown.map(rowName),
  };
}

const nothing = { applied: [], pending: [], late: [], edited: [], unknown: [] };

describe("v0 states", () => {
  const folder = v0({ "0000_a": [1000, "a"], "0001_b": [2000, "b"], "0002_c": [3000, "c"] });

  test.each([
    ["an empty ledger", [], { pending: ["0000_a", "0001_b", "0002_c"] }],
    [
      "all applied",
      [row("a", 1000), row("b", 2000), row("c", 3000)],
      { applied: ["0000_a", "0001_b", "0002_c"] },
    ],
    [
      "one merged late",
      [row("a", 1000), row("c", 3000)],
      { applied: ["0000_a", "0002_c"], late: ["0001_b"] },
    ],
    [
      "hash decides over time",
      [row("a", 1500)],
      { applied: ["0000_a"], pending: ["0001_b", "0002_c"] },
    ],
    [
      "a row without a hash of no known time is unknown",
      [{ hash: undefined, createdAt: 500, name: undefined }],
      {
        pending: ["0000_a", "0001_b", "0002_c"],
        unknown: ["a row without a hash of 1970-01-01T00:00:00Z"],
      },
    ],
    [
      "a row without a hash of a known time stands for its file, which is not run again",
      [{ hash: undefined, createdAt: 1000, name: undefined }],
      { edited: ["0000_a"], pending: ["0001_b", "0002_c"] },
    ],
    [
      "the exact time with other content is an edit",
      [row("a, as it was", 1000)],
      { edited: ["0000_a"], pending: ["0001_b", "0002_c"] },
    ],
    [
      "rows nobody knows, newer than what is pending",
      [row("x", 2500)],
      {
        late: ["0000_a", "0001_b"],
        pending: ["0002_c"],
        unknown: [`${hash("x").slice(0, 12)} of 1970-01-01T00:00:02Z`],
      },
    ],
    [
      "a row that was written twice counts once",
      [row("a", 1000), row("a", 1000)],
      { applied: ["0000_a"], pending: ["0001_b", "0002_c"] },
    ],
  ] as const)("%s", (_, rows, expected) => {
    expect(names(folder, [...rows])).toEqual({ ...nothing, ...expected });
  });

  test("two files with the same content take a row each", () => {
    const twins = v0({ "0000_a": [1000, "-- custom"], "0001_b": [2000, "-- custom"] });
    expect(names(twins, [row("-- custom", 1000)])).toEqual({
      ...nothing,
      applied: ["0000_a"],
      pending: ["0001_b"],
    });
  });

  test.each([
    ["LF in the database, CRLF here", "one\ntwo\n", "one\r\ntwo\r\n"],
    ["CRLF in the database, LF here", "one\r\ntwo\r\n", "one\ntwo\n"],
  ])("%s is the same file", (_, applied, here) => {
    expect(names(v0({ "0000_a": [1000, here] }), [row(applied, 1000)])).toEqual({
      ...nothing,
      applied: ["0000_a"],
    });
  });

  test("late and pending ones run in the journal's order", () => {
    const states = compareWithLedger(folder, [row("b", 2000)]);
    expect(toRun(folder, states).map(({ name }) => name)).toEqual(["0000_a", "0002_c"]);
  });

  test("a file that the journal does not list is an orphan", () => {
    const states = compareWithLedger(v0({ "0000_a": [1, "a"] }, { "0009_z.sql": "z" }), []);
    expect(states.orphans).toEqual(["drizzle/0009_z.sql"]);
  });
});

describe("v1 states", () => {
  const first = "20260101000000_a";
  const second = "20260102000000_b";
  const folder = v1({ [second]: "b", [first]: "a" });
  const at = (day: number, milliseconds = 0) => Date.UTC(2026, 0, day) + milliseconds;

  test.each([
    ["in the order of names", [], { pending: [first, second] }],
    ["by name", [row("a", at(1), first)], { applied: [first], pending: [second] }],
    [
      "by name, with other content",
      [row("x", at(1), first)],
      { edited: [first], pending: [second] },
    ],
    [
      "by hash, from a ledger without names",
      [row("a", at(1, 789))],
      { applied: [first], pending: [second] },
    ],
    [
      "by second, from a ledger without names",
      [row("x", at(1, 789))],
      { edited: [first], pending: [second] },
    ],
    ["late", [row("b", at(2), second)], { applied: [second], late: [first] }],
    [
      "the same second under another name is somebody else's",
      [row("x", at(1), "20260101000000_x")],
      { pending: [first, second], unknown: ["20260101000000_x"] },
    ],
  ] as const)("%s", (_, rows, expected) => {
    expect(names(folder, [...rows])).toEqual({ ...nothing, ...expected });
  });
});

test("a v0 migration is recorded under the name drizzle-kit up gives it", () => {
  expect(upgradedName("0001_a_email", Date.UTC(2026, 10, 22, 23, 13, 14, 567))).toBe(
    "20261122231314_a_email",
  );
});
