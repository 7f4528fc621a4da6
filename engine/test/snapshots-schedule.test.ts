import { expect, test } from "vitest";
import { dueEntries, lastDue } from "../src/control-plane/snapshot-schedule.ts";
import type { BranchRecord, SnapshotRecord } from "../src/model/records.ts";

/** 23 November 2026 is a Monday. */
const now = Date.parse("2026-11-23T16:30:00Z");

test.each([
  [{ frequency: "hourly" }, "2026-11-23T16:00:00.000Z"],
  [{ frequency: "daily" }, "2026-11-23T00:00:00.000Z"],
  [{ frequency: "daily", hour: 3 }, "2026-11-23T03:00:00.000Z"],
  [{ frequency: "daily", hour: 23 }, "2026-11-22T23:00:00.000Z"],
  [{ frequency: "weekly", day: 1, hour: 3 }, "2026-11-23T03:00:00.000Z"],
  [{ frequency: "weekly", day: 1, hour: 20 }, "2026-11-16T20:00:00.000Z"],
  [{ frequency: "weekly", day: 7 }, "2026-11-22T00:00:00.000Z"],
  [{ frequency: "weekly", day: 2 }, "2026-11-17T00:00:00.000Z"],
  [{ frequency: "monthly", day: 5 }, "2026-11-05T00:00:00.000Z"],
  [{ frequency: "monthly", day: 31 }, "2026-10-31T00:00:00.000Z"],
  [{ frequency: "yearly", month: 2, day: 30 }, "2026-02-28T00:00:00.000Z"],
  [{ frequency: "yearly", month: 12, day: 1 }, "2025-12-01T00:00:00.000Z"],
] as const)("%j was last due at %s", (item, expected) => {
  expect(new Date(lastDue(item, now)).toISOString()).toBe(expected);
});

test.each([
  ["nothing taken yet", "2026-11-20T00:00:00Z", [], 1],
  ["asked for only after it was due", "2026-11-23T10:00:00Z", [], 0],
  ["taken since", "2026-11-20T00:00:00Z", ["2026-11-23T03:00:05Z"], 0],
  ["taken the day before", "2026-11-20T00:00:00Z", ["2026-11-22T03:00:05Z"], 1],
])("%s", (_, setAt, taken, expected) => {
  const items = [{ frequency: "daily", hour: 3 }] as const;
  const branch = { id: "br-a", backupSchedule: { items, setAt } } as unknown as BranchRecord;
  const snapshots = taken.map(
    (createdAt) => ({ sourceBranchId: "br-a", scheduledFor: "daily", createdAt }) as SnapshotRecord,
  );
  expect(dueEntries(branch, snapshots, now)).toHaveLength(expected);
});
