import { expect, test } from "vitest";
import {
  type BaseBackup,
  baseBackupFor,
  baseBackupIsDue,
  prunableBackups,
  unreachable,
  usualLimits,
} from "../../src/pitr/retention.ts";

/** Which base a moment is reached from, and which are kept: tables of cases. */

const base = (minute: number, megabytes: number, segment = megabytes): BaseBackup => ({
  name: `at-${minute}`,
  validFrom: `2026-11-23T10:${String(minute).padStart(2, "0")}:00.000Z`,
  validFromLsn: `0/${(megabytes * 1024 * 1024).toString(16).toUpperCase()}`,
  firstSegment: `00000001${"0".repeat(8)}${segment.toString(16).toUpperCase().padStart(8, "0")}`,
});

const bases = [base(0, 10), base(10, 20), base(20, 30)];

test.each([
  ["2026-11-23T09:59:59Z", undefined],
  // Within its millisecond a base may be later than the moment.
  ["2026-11-23T10:00:00.000900Z", undefined],
  ["2026-11-23T10:00:00.001Z", "at-0"],
  ["2026-11-23T10:10:00.000Z", "at-0"],
  ["2026-11-23T10:15:00Z", "at-10"],
  ["2026-11-23T15:45:00+05:30", "at-10"],
  ["2026-11-24T00:00:00Z", "at-20"],
])("%s is reached from %s", (timestamp, expected) => {
  expect(baseBackupFor(bases, { timestamp })?.name).toBe(expected);
});

test.each([
  ["0/9FFFFF", undefined],
  ["0/A00000", "at-0"],
  ["0/1400000", "at-10"],
  ["1/0", "at-20"],
])("position %s is reached from %s", (lsn, expected) => {
  const unknown = { ...base(30, 40), validFromLsn: unreachable };
  expect(baseBackupFor([...bases, unknown], { lsn })?.name).toBe(expected);
});

const at = (minute: number) => Date.parse(base(minute, 0).validFrom);

test.each([
  ["all are within the window", { windowStart: at(0) }, []],
  ["the newest from before it is where it begins", { windowStart: at(15) }, ["at-0"]],
  ["all are older: the last one stays", { windowStart: at(59) }, ["at-0", "at-10"]],
  ["the log of one is gone", { oldestSegment: base(0, 0, 20).firstSegment }, ["at-0"]],
  [
    "another timeline's log counts by position",
    { oldestSegment: "0000000700000000FFFFFFFF" },
    ["at-0", "at-10", "at-20"],
  ],
])("%s", (_, given, expected) => {
  const now = { windowStart: at(0) - 1, oldestSegment: undefined, keep: 5, ...given };
  expect(prunableBackups(bases, now).map(({ name }) => name)).toEqual(expected);
});

test("beyond their number those go that others are near to; first and last stay", () => {
  const many = [base(0, 10), base(1, 50), base(2, 52), base(3, 90), base(4, 130), base(5, 131)];
  const keeping = (keep: number) => {
    const now = { windowStart: 0, oldestSegment: undefined, keep };
    return prunableBackups(many, now).map(({ name }) => name);
  };
  expect(keeping(6)).toEqual([]);
  expect(keeping(5)).toHaveLength(1);
  expect(keeping(2)).toEqual(["at-1", "at-2", "at-3", "at-4"]);
  for (const keep of [2, 3, 4, 5]) {
    expect(keeping(keep)).not.toContain("at-0");
    expect(keeping(keep)).not.toContain("at-5");
  }
});

test.each([
  ["there is none", undefined, "0/0", 0, true],
  ["nothing was written", base(0, 10), "0/A00000", 0, false],
  ["much was written", base(0, 10), "0/20000000", 1, true],
  ["little in a long time", base(0, 10), "0/A10000", 600, false],
  ["some in a long time", base(0, 10), "0/2A00000", 600, true],
  ["some in a short time", base(0, 10), "0/2A00000", 1, false],
  [
    "no position can be reached from the last",
    { ...base(0, 10), validFromLsn: unreachable },
    "0/A00000",
    0,
    true,
  ],
])("due: %s", (_, last, lsn, minutes, expected) => {
  const now = { lsn, time: at(0) + minutes * 60_000 };
  expect(baseBackupIsDue(last, now, usualLimits("copy"))).toBe(expected);
});
