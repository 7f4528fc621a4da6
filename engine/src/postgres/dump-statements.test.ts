import { expect, test } from "vitest";
import { splitDump } from "./dump-statements.ts";

const head = "SET standard_conforming_strings = on;\n";
const parts = (text: string) => {
  const { creation, handOver } = splitDump(head + text);
  return { creation: creation.slice(1), handOver };
};

test.each([
  ["ALTER TABLE public.a OWNER TO me"],
  ['ALTER FUNCTION public."x y"(a integer, b text) OWNER TO "My ""own"" role"'],
  ["GRANT SELECT ON TABLE public.a TO reader"],
  ["REVOKE ALL ON SCHEMA public FROM PUBLIC"],
  ["ALTER DEFAULT PRIVILEGES FOR ROLE me IN SCHEMA public GRANT SELECT ON TABLES TO reader"],
  ["SET SESSION AUTHORIZATION app"],
  ["RESET SESSION AUTHORIZATION"],
  ["COMMENT ON EXTENSION pg_trgm IS 'words; and more'"],
])("%s evaluates nothing and is for the superuser", (statement) => {
  expect(parts(`${statement};\n`)).toEqual({ creation: [], handOver: [statement] });
});

const body = "$_$ ';\nGRANT cloud_admin TO me; ALTER ROLE me SUPERUSER; $$ -- $_$";
test.each([
  ["a table", "CREATE TABLE public.a (\n    b integer DEFAULT public.f()\n)"],
  ["a body with a grant in it", `CREATE FUNCTION public.f() RETURNS void LANGUAGE sql AS ${body}`],
  [
    "a string that looks like an end",
    "COMMENT ON TABLE public.a IS ';\nGRANT cloud_admin TO me;\n'",
  ],
  ["doubled quotation marks", "COMMENT ON TABLE public.a IS ''';GRANT x TO y;'''"],
  ["a string with backslashes", `SELECT E'a\\';GRANT x TO y;\\\\''' , 'a\\'`],
  ["a name that looks like an end", 'CREATE TABLE public."a;\nGRANT x TO y;""" (b integer)'],
  ["a name that looks like an owner's", 'ALTER TABLE public.a CLUSTER ON "b OWNER TO c"'],
  ["an owner within parentheses", "ALTER TABLE public.a ADD CHECK ((x OWNER TO y))"],
  [
    "a body that is a statement",
    "CREATE FUNCTION public.f() RETURNS integer\n    BEGIN ATOMIC\n SELECT CASE WHEN true THEN 1 END;\n GRANT x TO y;\nEND",
  ],
  [
    "a rule of two statements",
    "CREATE RULE r AS ON INSERT TO public.a DO ( SELECT 1; GRANT x TO y; )",
  ],
  ["a word with a dollar sign", "CREATE TABLE public.a$b$ (c integer)"],
])("%s is one statement, and not for the superuser", (_, statement) => {
  expect(parts(`--\n-- Name: x; GRANT x TO y;\n--\n\n${statement};\n`)).toEqual({
    creation: [statement],
    handOver: [],
  });
});

test.each([
  ["strings that are written otherwise", "SET standard_conforming_strings = off;\nSELECT 1;\n"],
  ["an open string", `${head}SELECT 'a;\n`],
  ["an open body", `${head}SELECT $$a;\n`],
  ["an open statement", `${head}SELECT 1`],
  ["a comment of another kind", `${head}SELECT 1 /* ; */;\n`],
])("a dump with %s is not replayed", (_, text) => {
  expect(() => splitDump(text)).toThrow("the dump");
});
