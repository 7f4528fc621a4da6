import { expect, test } from "vitest";
import { extensionsOf, missingExtensions } from "./missing-extensions.ts";

const migration = (name: string, sql: string) => ({
  ...{ name, ledgerName: name, file: `drizzle/${name}.sql`, when: 0, hash: "", sameContent: [] },
  sql,
});
const creates = migration("0000_create", "create table a ();\ncreate extension vector;");
const uses = migration("0001_use", "create table b (v vector(3));");
const state = (created: boolean, available: boolean) => [{ name: "vector", created, available }];

test.each([
  ["not there", [creates, uses], state(false, false), ["NOT_AVAILABLE 0000_create:2"]],
  ["there", [creates, uses], state(false, true), []],
  ["created before", [creates, uses], state(true, false), []],
  ["used, and created by nobody", [uses], state(false, true), ["NOT_CREATED 0001_use:1"]],
  ["used before it is created", [uses, creates], state(false, true), ["NOT_CREATED 0001_use:1"]],
  ["nothing pending", [], state(false, false), []],
])("%s", (_, migrations, states, expected) => {
  expect(
    missingExtensions(migrations, states).map(
      (found) => `${found.reason} ${found.migration}:${found.line}`,
    ),
  ).toEqual(expected);
});

test("the names to ask the server for", () => {
  expect(extensionsOf([creates, uses])).toEqual(["vector"]);
});
