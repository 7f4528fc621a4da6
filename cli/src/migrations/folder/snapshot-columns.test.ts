import { expect, test } from "vitest";
import { snapshotColumns } from "./snapshot-columns.ts";

test("both formats of a snapshot tell tables and columns", () => {
  const v0 = {
    tables: {
      "public.items": {
        name: "items",
        schema: "",
        columns: { a: { name: "a" }, key: { name: "b" } },
      },
      "audit.log": { name: "log", schema: "audit", columns: {} },
    },
  };
  const v1 = {
    ddl: [
      { entityType: "columns", schema: "public", table: "items", name: "a" },
      { entityType: "tables", schema: "public", name: "items" },
      { entityType: "columns", schema: "public", table: "items", name: "b" },
      { entityType: "tables", schema: "audit", name: "log" },
      { entityType: "indexes", schema: "public", table: "items", name: "i" },
    ],
  };
  const expected = new Map([
    ["public.items", new Set(["a", "b"])],
    ["audit.log", new Set()],
  ]);
  expect(snapshotColumns(JSON.stringify(v0))).toEqual(expected);
  expect(snapshotColumns(JSON.stringify(v1))).toEqual(expected);
});

test.each(["", "null", "[]", "{", '{"tables": 1}'])("%s is none", (text) => {
  expect(snapshotColumns(text)).toBeUndefined();
});
