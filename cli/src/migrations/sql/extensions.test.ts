import { describe, expect, test } from "vitest";
import {
  addExtensionCommand,
  createdExtension,
  extensionOfType,
  extensionsIn,
} from "./extensions.ts";

test.each([
  ["create extension vector", "vector"],
  ['CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA public', "uuid-ossp"],
  ["create\n extension\n if  not exists Vector cascade", "vector"],
  ['create extension "a""b"', 'a"b'],
  ["drop extension vector", undefined],
  ["create table extension (id int)", undefined],
  ["comment on extension vector is 'create extension x'", undefined],
])("%s creates %s", (statement, extension) => {
  expect(createdExtension(statement)).toBe(extension);
});

test.each([
  ['CREATE TABLE "docs" ("id" int, "embedding" vector(1536))', "vector"],
  ['ALTER TABLE "docs" ADD COLUMN "e" "public"."halfvec" (3) NOT NULL', "vector"],
  ["create table t (e sparsevec(5))", "vector"],
  ["create table t (vector int, e text)", undefined],
  ["create table t (my_vector(3) int)", undefined],
  ["select vector(3)", undefined],
])("%s uses a type of %s", (statement, extension) => {
  expect(extensionOfType(statement)).toBe(extension);
});

describe("of a file", () => {
  test("strings, comments and bodies of functions are not read", () => {
    const sql = `-- create extension a;
      /* create extension b; */
      select 'x; create extension c;';
      create function f() returns int language sql as $$ select 1; create extension d $$;
      create extension e;--> statement-breakpoint
      create table t (v vector(3));`;
    expect(extensionsIn(sql)).toMatchObject([
      { extension: "e", creates: true },
      { extension: "vector", creates: false },
    ]);
  });
});

test("a name that is no extension's is not put into a command", () => {
  expect(addExtensionCommand("vector")).toBe("ds engine extension add vector --now");
  expect(addExtensionCommand("postgis")).toBe(
    "ds engine extension add postgis --from <package> --now",
  );
  expect(addExtensionCommand("x; rm -rf /")).toBe(
    "ds engine extension add <name> --from <package> --now",
  );
});
