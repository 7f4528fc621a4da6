import { expect, test } from "vitest";
import { type LogRow, LogSummary } from "./log-summary.ts";

const at = (second: number) => `2026-12-01 12:47:${String(second).padStart(2, "0")}+00`;

const rows = (
  xid: string,
  type: "inserted" | "updated" | "deleted",
  count: number,
  file = "5/24577",
): LogRow => ({ kind: "rows", xid, lsn: "0/1", file, type, count });

const end = (xid: string, text = at(1), type = "COMMIT"): LogRow => ({
  kind: "end",
  xid,
  lsn: "0/3",
  prev: "0/2",
  type,
  text,
});

const read = (...log: LogRow[]) => {
  const summary = new LogSummary();
  summary.add(log);
  return summary;
};

test("what is committed counts, in parts of the log as in one, and with the transaction's own parts", () => {
  const summary = new LogSummary();
  summary.add([rows("7", "inserted", 5), rows("8", "deleted", 2)]);
  summary.add([rows("7", "inserted", 5), end("7"), rows("9", "deleted", 1)]);
  summary.add([end("9", `${at(2)}; subxacts: 8`)]);
  expect(summary.growthOf("5/24577")).toBe(7);
  expect(summary.transactions).toMatchObject([{ xid: "9", xids: ["9", "8"], lsn: "0/2" }]);
  expect(summary.transactions[0]?.rows.get("5/24577")).toEqual({
    inserted: 0,
    updated: 0,
    deleted: 3,
    grownBefore: 10,
  });
  expect(summary.firstCommit).toBe("2026-12-01T12:47:01.000000Z");
});

test("what is rolled back, or not decided, does not count", () => {
  const summary = read(
    rows("7", "deleted", 5),
    end("7", at(1), "ABORT"),
    rows("8", "deleted", 5),
    end("8", at(1), "PREPARE"),
  );
  expect(summary.transactions).toEqual([]);
  expect(summary.growthOf("5/24577")).toBe(0);
  summary.add([end("0", `8: ${at(4)}`, "COMMIT_PREPARED")]);
  expect(summary.transactions).toMatchObject([{ xid: "8" }]);
});

test("transactions that change a row here and there are not kept", () => {
  expect(
    read(rows("7", "deleted", 1), rows("7", "updated", 1, "5/2"), end("7")).transactions,
  ).toEqual([]);
});

test("transactions that are left out", () => {
  const summary = new LogSummary(["7"]);
  summary.add([rows("7", "inserted", 5), end("7")]);
  expect(summary.growthOf("5/24577")).toBe(0);
});

const column = (fields: { text: string; data: string | null }): LogRow => ({
  kind: "column",
  xid: "7",
  lsn: "0/1",
  file: "5/1249",
  type: "UPDATE",
  blocks: "blkref #0: rel 1663/5/1249 fork main blk 55",
  page: null,
  text: fields.text,
  data: fields.data === null ? null : Buffer.from(fields.data),
});

test("a column that is altered and then dropped is told by where its row was before", () => {
  const summary = read(
    column({ text: "old_xmax: 7, old_off: 9, new_xmax: 0, new_off: 36", data: "label" }),
    column({
      text: "old_xmax: 7, old_off: 36, new_xmax: 0, new_off: 37",
      data: "........pg.dropped.2........",
    }),
    end("7"),
  );
  expect(summary.transactions[0]?.columns).toEqual([{ database: "5", place: "(55,9)" }]);
});

test("definitions are dropped where a catalogue is smaller afterwards, and not where they are made anew", () => {
  const change = (file: string, count: number): LogRow => ({
    kind: "definitions",
    xid: "7",
    lsn: "0/1",
    file,
    count,
  });
  expect(read(change("5/2606", -2), change("5/2606", 2), end("7")).transactions).toEqual([]);
  expect(
    read(change("5/2606", -2), change("5/1259", 2), end("7")).transactions[0]?.definitions,
  ).toEqual(["5"]);
});

test("a database and what a commit names are kept", () => {
  const summary = read(
    { kind: "database", xid: "7", lsn: "0/1", text: "dir 1663/16390" },
    end("7", `${at(1)}; rels: base/5/24577; dropped stats: 2/5/24577`),
  );
  expect(summary.transactions).toMatchObject([
    { databases: ["16390"], files: ["5/24577"], relations: ["5/24577"] },
  ]);
});
