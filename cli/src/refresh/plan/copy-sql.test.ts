import { expect, test } from "vitest";
import type { TablePlan } from "../model/plan.ts";
import { copyTasks, readSql, receiveSql } from "./copy-sql.ts";

const plan = (name: string, more: Partial<TablePlan> = {}): TablePlan => ({
  table: { schema: "public", name },
  from: `only "public"."${name}"`,
  class: "direct",
  filter: "t.org = current_setting('ds.tenant')",
  followed: undefined,
  nobodys: undefined,
  path: [],
  alternatives: [],
  format: "binary",
  columns: [{ name: "id", expression: "t.id", mask: undefined }],
  estimatedRows: 1,
  bytes: 1,
  ...more,
});

const mb = 1024 * 1024;

test.each([
  // bytes of the organization's rows, pages of the table, most parts -> page ranges
  [10 * mb, 100_000, 4, [undefined]],
  [
    130 * mb,
    30_000,
    4,
    [
      [0, 10_000],
      [10_000, 20_000],
      [20_000, undefined],
    ],
  ],
  [
    1000 * mb,
    1000,
    2,
    [
      [0, 500],
      [500, undefined],
    ],
  ],
  [1000 * mb, undefined, 4, [undefined]],
  [1000 * mb, 0, 4, [undefined]],
  [0, 5, 4, [undefined]],
])("%d bytes in %s pages, at most %d parts", (bytes, pages, most, ranges) => {
  const tasks = copyTasks([plan("a")], () => ({ bytes, pages }), most);
  expect(tasks.map((task) => task.pages && [task.pages.from, task.pages.to])).toEqual(ranges);
});

test("largest first; skipped and shared tables are not among them", () => {
  const plans = [
    plan("small"),
    plan("shared", { class: "shared" }),
    plan("none", { class: "skip" }),
    plan("large"),
  ];
  const tasks = copyTasks(
    plans,
    ({ table }) => ({ bytes: table.name === "large" ? 9 : 1, pages: 1 }),
    4,
  );
  expect(tasks.map((task) => task.plan.table.name)).toEqual(["large", "small"]);
});

test("a part of a table, with its filter; columns are named on both sides", () => {
  const a = plan("a");
  expect(readSql({ plan: a, pages: { from: 5, to: 10 }, bytes: 0 })).toBe(
    `select t.id from only "public"."a" t where (t.org = current_setting('ds.tenant')) and t.ctid >= '(5,0)'::tid and t.ctid < '(10,0)'::tid`,
  );
  expect(receiveSql(a)).toBe(`copy "public"."a" ("id") from stdin (format binary)`);
});
