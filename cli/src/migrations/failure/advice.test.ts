import { describe, expect, test } from "vitest";
import { sqlState } from "../../postgres/sqlstate.ts";
import { advice, failureReason } from "./advice.ts";

const statement = (sql: string, before = "", line = sql) => ({ sql, before, line });

describe("the kind of a failure", () => {
  test.each([
    [sqlState.activeSqlTransaction, "NOT_IN_TRANSACTION"],
    [sqlState.unsafeNewEnumValueUsage, "ENUM_VALUE_UNCOMMITTED"],
    [sqlState.readOnlySqlTransaction, "READ_ONLY"],
    [sqlState.duplicateTable, "ALREADY_EXISTS"],
    [sqlState.uniqueViolation, "ROWS_VIOLATE"],
    [sqlState.queryCanceled, "STATEMENT_CANCELLED"],
    [sqlState.undefinedTable, undefined],
  ])("%s", (code, reason) => expect(failureReason({ code })).toBe(reason));

  test.each([
    [sqlState.queryCanceled, statement("copy a from stdin"), "COPY_FROM_STDIN"],
    [sqlState.queryCanceled, statement("select pg_sleep(9)"), "STATEMENT_CANCELLED"],
    [sqlState.syntaxError, statement("1\t2", "COPY a (b) FROM STDIN;\n"), "COPY_FROM_STDIN"],
    [sqlState.syntaxError, statement("\\restrict x"), "PSQL_COMMAND"],
    [sqlState.syntaxError, statement("selec 1"), undefined],
    [sqlState.featureNotSupported, statement("CREATE EXTENSION vector"), "EXTENSION_MISSING"],
    [sqlState.featureNotSupported, statement("create table a (b int)"), undefined],
    [sqlState.undefinedObject, statement("create table a (v vector(3))"), "EXTENSION_NOT_CREATED"],
    [sqlState.undefinedObject, statement("drop role nobody"), undefined],
  ])("%s at %j", (code, at, reason) => expect(failureReason({ code }, at)).toBe(reason));
});

test.each([
  ["ROWS_VIOLATE", /^Rows stand in its way.*`ds db migrate --target dev` again/],
  ["READ_ONLY", /makes transactions read-only/],
  ["COPY_FROM_STDIN", /no standard input/],
  ["PSQL_COMMAND", /commands of psql/],
  ["NOT_IN_TRANSACTION", /-- ds:no-transaction/],
  ["ALREADY_EXISTS", /ds db baseline/],
  [undefined, /^Correct the file, then run `ds db migrate --target dev` again/],
] as const)("advice for %s", (reason, text) => {
  expect(advice(reason, "ds db migrate --target dev")).toMatch(text);
});

test("advice for an extension has the command that adds it, or the statement that creates it", () => {
  const missing = statement('create extension if not exists "vector"');
  expect(advice("EXTENSION_MISSING", "ds db migrate", missing)).toContain(
    "ds engine extension add vector --now",
  );
  const unknown = statement("create table a (v vector(3))");
  expect(advice("EXTENSION_NOT_CREATED", "ds db migrate", unknown)).toContain(
    "`CREATE EXTENSION IF NOT EXISTS vector;`",
  );
});
