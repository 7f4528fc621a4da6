import { expect, test } from "vitest";
import { pairTables, type TableShape } from "./shape.ts";
import { bucketCount } from "./sql.ts";

const table = (name: string, columns: string[], more: Partial<TableShape> = {}): TableShape => ({
  schema: "public",
  name,
  kind: "r",
  columns: columns.map((column) => ({ name: column, type: "text" })),
  key: ["id"],
  estimatedRows: 100,
  ...more,
});

test("tables that one side has, and foreign ones, are told", () => {
  const { compared, leftOut } = pairTables(
    [
      table("both", ["id"]),
      table("old", ["id"]),
      table("far", ["id"], { kind: "f" }),
      table("quick", ["id"], { unlogged: true }),
      table("x", ["a"], { key: undefined }),
    ],
    [
      table("both", ["id"]),
      table("new", ["id"]),
      table("far", ["id"], { kind: "f" }),
      table("quick", ["id"]),
      table("x", ["b"], { key: undefined }),
    ],
  );
  expect(compared.map(({ name }) => name)).toEqual(["both"]);
  expect(leftOut).toEqual([
    { table: "far", why: "FOREIGN_TABLE" },
    { table: "new", why: "ONLY_IN_BRANCH" },
    { table: "old", why: "ONLY_IN_BASE" },
    { table: "quick", why: "UNLOGGED_TABLE" },
    { table: "x", why: "NO_COMMON_COLUMNS" },
  ]);
});

test("rows are compared by the columns of both, in the branch's order", () => {
  const { compared } = pairTables(
    [table("items", ["id", "title", "gone"], { estimatedRows: 5 })],
    [table("items", ["title", "new", "id"])],
  );
  expect(compared[0]).toMatchObject({
    columns: [{ name: "title" }, { name: "id" }],
    key: ["id"],
    addedColumns: ["new"],
    droppedColumns: ["gone"],
    estimatedRows: 100,
  });
});

test.each([
  ["another key", ["id"], ["code"]],
  ["a key on one side", ["id"], undefined],
  ["none", undefined, undefined],
])("%s: a row is what it holds", (_, before, after) => {
  const columns = ["id", "code"];
  const { compared } = pairTables(
    [table("items", columns, { key: before })],
    [table("items", columns, { key: after })],
  );
  expect(compared[0]?.key).toBeUndefined();
});

test("how many buckets: a power of two, whatever is known of the number of rows", () => {
  for (const rows of [-1, 0, 1, 1000, 1e6, 1e9]) {
    const buckets = bucketCount(rows);
    expect(buckets & (buckets - 1)).toBe(0);
    expect(buckets).toBeGreaterThanOrEqual(64);
    expect(buckets).toBeLessThanOrEqual(65_536);
  }
});
