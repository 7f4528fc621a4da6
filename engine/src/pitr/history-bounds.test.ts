import { expect, test } from "vitest";
import type { BranchRecord } from "../model/records.ts";
import {
  beforeHistory,
  isBeforeFork,
  noHistory,
  refuseBeyondLog,
  refuseFuture,
} from "./history-bounds.ts";

const branch = {
  parentTimestamp: "2026-01-01T12:00:00.000Z",
  parentLsn: "0/2000028",
} as BranchRecord;

test.each([
  [{ timestamp: "2026-01-01T11:59:59Z" }, true],
  [{ timestamp: "2026-01-01T12:00:00Z" }, true],
  [{ timestamp: "2026-01-01T12:00:01Z" }, false],
  [{ lsn: "0/2000027" }, true],
  [{ lsn: "0/2000028" }, true],
  [{ lsn: "0/2000029" }, false],
])("%j is before the fork: %s", (moment, isBefore) => {
  expect(isBeforeFork(branch, moment)).toBe(isBefore);
});

test("a root was never forked", () => {
  const { parentLsn: _, parentTimestamp: __, ...root } = branch;
  expect(isBeforeFork(root, { lsn: "0/1" })).toBe(false);
  expect(isBeforeFork(root, { timestamp: "2020-01-01T00:00:00Z" })).toBe(false);
});

test("moments that have not come yet, and positions that were not written yet", () => {
  const now = "2026-01-01T12:00:00.000Z";
  expect(refuseFuture({ timestamp: "2026-01-01T12:00:01Z" }, now)).toMatchObject({
    status: 422,
    code: "POINT_IN_TIME_IN_FUTURE",
  });
  expect(refuseFuture({ timestamp: now }, now)).toBeUndefined();
  expect(refuseFuture({ lsn: "F/0" }, now)).toBeUndefined();
  expect(refuseBeyondLog({ lsn: "0/30" }, "0/2F")).toMatchObject({
    status: 422,
    code: "LSN_BEYOND_LOG",
  });
  expect(refuseBeyondLog({ lsn: "0/2F" }, "0/2F")).toBeUndefined();
  expect(refuseBeyondLog({ timestamp: now }, "0/2F")).toBeUndefined();
});

test("a moment before the history is told where the history begins, in the words it was asked in", () => {
  const begin = {
    name: "base",
    validFrom: "2026-01-01T00:00:00.000Z",
    validFromLsn: "0/2000028",
    firstSegment: "000000010000000000000002",
  };
  expect(beforeHistory("main", { lsn: "0/1" }, begin)).toMatchObject({
    code: "POINT_IN_TIME_BEFORE_HISTORY",
    message: expect.stringMatching(/begins at 0\/2000028$/),
  });
  expect(beforeHistory("main", { timestamp: "2025-01-01T00:00:00Z" }, begin)).toMatchObject({
    code: "POINT_IN_TIME_BEFORE_HISTORY",
    message: expect.stringMatching(/begins at 2026-01-01T00:00:00.000Z$/),
  });
});

test.each([
  ["nobody wants one", { windowSeconds: 0 }, false, "history_retention_seconds"],
  ["it costs too much", { windowSeconds: 60 }, false, "ds engine volume create"],
  ["there is none yet", { windowSeconds: 60 }, true, "nothing of it is kept yet"],
])("no history: %s", (_, source, isAffordable, reason) => {
  expect(noHistory({ name: "main", ...source }, isAffordable)).toMatchObject({
    code: "NO_HISTORY",
    message: expect.stringContaining(reason),
  });
});
