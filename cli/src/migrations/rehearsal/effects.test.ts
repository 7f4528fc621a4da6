import { describe, expect, test } from "vitest";
import { ephemeralName, isLeftover } from "../../branches/ephemeral-name.ts";
import {
  effectsBetween,
  lockModeName,
  pieces,
  rehearsalWanted,
  type TableLook,
} from "./effects.ts";
import { noticeableWait } from "./load-report.ts";

const look = (table: string, change: Partial<TableLook> = {}): TableLook => ({
  oid: table.length,
  table,
  file: "1",
  scans: 0,
  rows: 0,
  modes: [],
  ...change,
});

describe("effects of a statement", () => {
  test("locks with the strongest first, what was held before, rewrites and scans", () => {
    const before = [look("a", { modes: ["AccessShareLock"], rows: 5, scans: 1 }), look("bb")];
    const after = [
      look("a", {
        modes: ["AccessShareLock", "AccessExclusiveLock"],
        file: "2",
        rows: 12,
        scans: 2,
      }),
      look("bb"),
    ];
    expect(effectsBetween(before, after, new Set([1, 2]))).toEqual({
      locks: [
        { table: "a", mode: "ACCESS EXCLUSIVE", earlier: false },
        { table: "a", mode: "ACCESS SHARE", earlier: true },
      ],
      rewritten: ["a"],
      scanned: [{ table: "a", rows: 7 }],
    });
  });

  test("tables that the migration has made itself are nobody else's yet", () => {
    const after = [look("new", { modes: ["AccessExclusiveLock"], scans: 1, rows: 1 })];
    const nothing = { locks: [], rewritten: [], scanned: [] };
    expect(effectsBetween([], after, new Set())).toEqual(nothing);
  });

  test("names of lock modes", () => {
    expect(["AccessShareLock", "ShareRowExclusiveLock", "ShareLock"].map(lockModeName)).toEqual([
      "ACCESS SHARE",
      "SHARE ROW EXCLUSIVE",
      "SHARE",
    ]);
  });
});

describe("pieces", () => {
  test("statements with what follows them, and their offsets", () => {
    expect(pieces("-- head\nselect ';';\n-- x\nselect 2")).toEqual([
      { sql: "select ';';\n-- x\n", start: 8 },
      { sql: "select 2", start: 25 },
    ]);
  });

  test("a text without statements goes to the server as it is", () => {
    expect(pieces("-- nothing")).toEqual([{ sql: "-- nothing", start: 0 }]);
  });
});

describe("when migrations are rehearsed", () => {
  test.each([
    [undefined, true, "shared", true],
    [undefined, false, "shared", false],
    [undefined, true, "never", false],
    [true, false, "never", true],
    [false, true, "shared", false],
    [false, false, "required", false],
  ] as const)("asked %s, shared stage %s, rule %s: %s", (asked, shared, rule, wanted) => {
    expect(rehearsalWanted(asked, shared, rule)).toBe(wanted);
  });

  test("a rule of the project is not to be got around", () => {
    expect(() => rehearsalWanted(false, true, "required")).toThrow(
      expect.objectContaining({ code: "REFUSED", reason: "REHEARSAL_REQUIRED" }),
    );
  });
});

test("throwaway branches: what a dead process of this machine has left, and nothing else", () => {
  const name = ephemeralName("rehearsal", "main", { machine: "here", pid: 12 }, "00ff");
  expect(name).toMatch(/^rehearsal-of-main-[0-9a-f]{6}-12-00ff$/);
  expect(isLeftover(name, "here", () => false)).toBe(true);
  expect(isLeftover(name, "here", (pid) => pid === 12)).toBe(false);
  expect(isLeftover(name, "elsewhere", () => false)).toBe(false);
  expect(isLeftover("rehearsal-of-main", "here", () => false)).toBe(false);
});

test("a wait counts from 5 ms behind work on rows, from twice a slow query behind anything else", () => {
  const idle = noticeableWait([1, 2, 1]);
  expect([idle({ worksOnRows: true }), idle({ worksOnRows: false })]).toEqual([5, 50]);
  expect(noticeableWait([80])({ worksOnRows: false })).toBe(160);
});
