import { describe, expect, test } from "vitest";
import { readStatements } from "../../migrations/sql/parse.ts";
import { checkStatement } from "./statement.ts";

const check = async (sql: string, access: "write" | "read-only") =>
  checkStatement(await readStatements(sql), access);

describe("a branch that may be read", () => {
  test.each([
    "select 1",
    "table a",
    "values (1)",
    "with b as (select 1) select * from b",
    "explain analyze select 1",
    "show server_version",
  ])("lets through: %s", async (sql) => {
    expect(await check(sql, "read-only")).toBeUndefined();
  });

  test.each([
    "insert into a values (1)",
    "drop table a",
    "create table a ()",
    "set transaction read write",
    "do $$ begin end $$",
    "call p()",
    "lock table a",
    "listen a",
    "select pg_catalog.pg_cancel_backend(1)",
    "select 1 where pg_advisory_lock(1) is null",
    "select lo_unlink(1)",
    "select * from dblink('', 'select 1') as t(a int)",
    "select query_to_xml('select 1', true, true, '')",
    "select something the parser does not know at all",
  ])("refuses: %s", async (sql) => {
    await expect(check(sql, "read-only")).rejects.toMatchObject({ reason: "NOT_A_QUERY" });
  });
});

test.each([
  ["", "NOT_ONE_STATEMENT"],
  ["-- nothing", "NOT_ONE_STATEMENT"],
  ["select 1; select 2", "NOT_ONE_STATEMENT"],
  ["begin", "TRANSACTION_PER_CALL"],
  ["rollback to a", "TRANSACTION_PER_CALL"],
  ["copy a to stdout", "COPY_FROM_STDIN"],
])("not in a call of its own: %s", async (sql, reason) => {
  await expect(check(sql, "write")).rejects.toMatchObject({ reason });
});

test("what destroys is told, also where the parser does not know the statement", async () => {
  expect(await check("truncate a", "write")).toBe("truncates");
  expect(await check("alter table a frobnicate", "write")).toBe("is not known to the parser");
  expect(await check("insert into a values (1)", "write")).toBeUndefined();
});
