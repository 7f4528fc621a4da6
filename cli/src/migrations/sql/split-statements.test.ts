import { expect, test } from "vitest";
import { offsetOfCharacter, placeOf } from "../../postgres/sql-place.ts";
import { splitStatements } from "./split-statements.ts";

test.each([
  ["nothing", "", []],
  ["only a comment", "-- a;\n/* b; /* c; */ d; */", []],
  ["empty statements", ";; select 1;;", ["select"]],
  ["no semicolon at the end", "select 1; insert into a values (1)", ["select", "insert"]],
  [
    "Drizzle's breakpoints",
    "select 1;\n--> statement-breakpoint\ndelete from a;",
    ["select", "delete"],
  ],
  ["breakpoints alone", "select 1\n--> statement-breakpoint\ndelete from a", ["select", "delete"]],
  [
    "a breakpoint that leaves a bracket open",
    "create table a (id int --> statement-breakpoint\n, b int); select 1",
    ["create", "b", "select"],
  ],
  ["a string", "select ';' || 'it''s;'; delete from a", ["select", "delete"]],
  ["an escape string", String.raw`select e'\';'; delete from a`, ["select", "delete"]],
  ["an escape string with both", String.raw`select E'a''\\' || ';'; x`, ["select", "x"]],
  ["a string of megabytes", `select '${"x".repeat(5e6)};'; delete from a`, ["select", "delete"]],
  ["a string without an end", "select 1; select 'a; delete from b", ["select", "select"]],
  ["backslashes in a plain string", String.raw`select '\'; delete from a`, ["select", "delete"]],
  ["a quoted identifier", 'select 1 as "a;""b;"; delete from a', ["select", "delete"]],
  ["a dollar quote", "do $$ begin; end; $$; delete from a", ["do", "delete"]],
  ["a tagged dollar quote", "do $a$ begin $$;$$ end; $a$; delete from a", ["do", "delete"]],
  ["dollars in an identifier", "select a$b; delete from c$d", ["select", "delete"]],
  ["parameters", "prepare p as select $1; delete from a", ["prepare", "delete"]],
  [
    "a rule with two actions",
    "create rule r as on delete to a do (select 1; select 2); drop table a",
    ["create", "drop"],
  ],
  [
    "a standard SQL body",
    "create or replace function f() returns int begin atomic select case when true then 1 end; select 2; end; drop table a",
    ["create", "drop"],
  ],
  ["a column called end", 'create table a (b int, "end" int); drop table a', ["create", "drop"]],
])("statements: %s", (_, sql, firstWords) => {
  expect(splitStatements(sql).map(({ words }) => words[0])).toEqual(firstWords);
});

test("a statement starts at its first token", () => {
  expect(splitStatements("  -- x\n select 1;\n\tselect 2").map(({ start }) => start)).toEqual([
    8, 19,
  ]);
});

test.each([
  ["a\nb\nc", 4, { line: 3, column: 1, text: "c" }],
  ["a\r\nbc\r\nd", 4, { line: 2, column: 2, text: "bc" }],
  ["é🙂x", 3, { line: 1, column: 3, text: "é🙂x" }],
  ["a", 1, { line: 1, column: 2, text: "a" }],
])("place of offset in %j at %i", (sql, offset, place) => {
  expect(placeOf(sql, offset)).toEqual(place);
});

test.each([
  ["abc", 1, 0],
  ["é🙂x", 3, 3],
  ["ab", 99, 2],
])("offset of a character in %j, %i", (sql, character, offset) => {
  expect(offsetOfCharacter(sql, character)).toBe(offset);
});
