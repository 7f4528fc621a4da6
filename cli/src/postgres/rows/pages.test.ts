import { expect, test } from "vitest";
import { type ChangedPages, planPages, rowsOnPages, type TableFile } from "./pages.ts";
import type { ComparedTable } from "./shape.ts";

const table: ComparedTable = {
  schema: "public",
  name: "items",
  kind: "r",
  columns: [
    { name: "id", type: "integer" },
    { name: "title", type: "text" },
  ],
  key: ["id"],
  addedColumns: [],
  droppedColumns: [],
  estimatedRows: 1000,
};

const column = (name: string, reads = name, virtual = false) => ({ name, reads, virtual });

const file = (patch: Partial<TableFile> = {}): TableFile => ({
  oid: 20_000,
  schema: "public",
  name: "items",
  tablespace: 0,
  filenode: 20_000,
  logged: true,
  bound: null,
  pages: 10,
  columns: [column("id"), column("title")],
  types: null,
  hasNames: false,
  readable: true,
  ...patch,
});

const changed = (
  ranges: ChangedPages["files"][number]["ranges"],
  open: number[] = [],
): ChangedPages => ({
  forkedAt: "2026-11-30T12:00:00Z",
  files: [
    { tablespace: 0, filenode: 20_000, ranges },
    { tablespace: 7, filenode: 20_000, ranges: [[0, 5]] },
  ],
  open,
});

test("only pages that the files have, and none of a file that is not told", () => {
  expect(
    planPages(
      table,
      [file()],
      [file({ pages: 12 })],
      changed([
        [1, 3],
        [11, null],
      ]),
    ),
  ).toEqual({
    files: [
      {
        file: file({ pages: 12 }),
        ranges: [
          [1, 3],
          [11, null],
        ],
      },
    ],
    read: 3,
    of: 12,
  });
  expect(planPages(table, [file()], [file()], changed([[10, 20]]))).toEqual({
    files: [],
    read: 0,
    of: 10,
  });
  const other = file({ filenode: 30_000 });
  expect(planPages(table, [other], [other], changed([[0, 5]]))).toMatchObject({ read: 0 });
});

test.each<[string, Partial<TableFile>, Partial<TableFile>]>([
  ["REWRITTEN", {}, { filenode: 30_000 }],
  ["REWRITTEN", {}, { tablespace: 7 }],
  ["OTHER_DEFINITION", {}, { oid: 20_001 }],
  ["OTHER_DEFINITION", { bound: "FOR VALUES IN (1)" }, { bound: "FOR VALUES IN (2)" }],
  ["OTHER_DEFINITION", {}, { columns: [column("id"), column("title", "other default")] }],
  ["OTHER_DEFINITION", { types: "a" }, { types: "b" }],
  ["NOT_LOGGED", {}, { logged: false }],
  ["NAMES_OF_OBJECTS", {}, { hasNames: true }],
  ["NOT_READABLE", { readable: false }, {}],
])("%s: all rows are read", (why, before, after) => {
  expect(planPages(table, [file(before)], [file(after)], changed([[0, 1]]))).toBe(why);
});

test("a table that was being written to at the fork, and one of another number of files", () => {
  expect(planPages(table, [file()], [file()], changed([[0, 1]], [20_000]))).toBe(
    "OPEN_TRANSACTION",
  );
  expect(planPages(table, [file()], [file()], changed([[0, null]]))).toMatchObject({ read: 10 });
  expect(planPages(table, [file()], [], changed([]))).toBe("OTHER_DEFINITION");
  expect(planPages(table, [file(), file()], [file()], changed([]))).toBe("OTHER_DEFINITION");
});

test("columns that only one side has change nothing, unless a virtual one may depend on them", () => {
  const wider = file({ columns: [column("id"), column("title"), column("more")] });
  expect(planPages(table, [file()], [wider], changed([]))).toMatchObject({ read: 0 });
  const virtual = (names: string[]) =>
    file({ columns: names.map((name) => column(name, name, name === "title")) });
  const sides = [virtual(["id", "title"]), virtual(["id", "title", "more"])] as const;
  expect(planPages(table, [sides[0]], [sides[1]], changed([]))).toBe("OTHER_DEFINITION");
});

test("how many rows are on the pages, about", () => {
  expect(rowsOnPages(table, { files: [], read: 5, of: 10 })).toBe(500);
  expect(rowsOnPages({ ...table, estimatedRows: -1 }, { files: [], read: 5, of: 10 })).toBe(300);
  expect(rowsOnPages(table, { files: [], read: 0, of: 0 })).toBe(0);
});
