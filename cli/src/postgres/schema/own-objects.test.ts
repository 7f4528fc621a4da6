import { expect, test } from "vitest";
import { withoutOwnObjects } from "./own-objects.ts";

const entry = (name: string, type: string, schema: string, sql: string) =>
  `--\n-- Name: ${name}; Type: ${type}; Schema: ${schema}; Owner: o\n--\n\n${sql}\n\n\n`;
const settings = "SET default_tablespace = '';\n\nSET default_table_access_method = heap;\n\n";
const first = "--\n-- PostgreSQL database dump\n--\n\nSET client_encoding = 'UTF8';\n\n";
const last = "--\n-- PostgreSQL database dump complete\n--\n\n";
const users = entry("users", "TABLE", "public", "CREATE TABLE public.users (\n    id integer\n);");
const body = entry(
  "f()",
  "FUNCTION",
  "public",
  "CREATE FUNCTION public.f() AS $$\n--\n-- Name: x; Type: TABLE; Schema: __ds; Owner: o\n--\n$$;",
);

test("the schema of ds, its tables and their keys are left out, the settings between them stay", () => {
  const own = entry("__ds", "SCHEMA", "-", "CREATE SCHEMA __ds;");
  const runs = entry("migrate_runs", "TABLE", "__ds", "CREATE TABLE __ds.migrate_runs (\n);");
  const key = entry("migration_steps k", "CONSTRAINT", "__ds", "ALTER TABLE ONLY __ds.x ADD k;");
  const without = `${first}${body}${settings}${users}${last}`;
  expect(withoutOwnObjects(`${first}${own}${body}${settings}${runs}${users}${key}${last}`)).toBe(
    without,
  );
  expect(withoutOwnObjects(`${first}${body}${own}${settings}${runs}${users}${last}`)).toBe(without);
  expect(withoutOwnObjects(without)).toBe(without);
});

test("also where earlier versions had them; a table that is only called like it stays", () => {
  const former = entry("__ds_migrate_runs", "TABLE", "public", "CREATE TABLE a ();");
  const key = entry("__ds_migration_steps __ds_migration_steps_pkey", "CONSTRAINT", "public", "x;");
  const other = entry("__ds_other", "TABLE", "public", "CREATE TABLE public.__ds_other ();");
  expect(withoutOwnObjects(`${first}${former}${key}${other}${users}${last}`)).toBe(
    `${first}${other}${users}${last}`,
  );
});
