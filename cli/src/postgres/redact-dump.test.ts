import { expect, test } from "vitest";
import { redactDump } from "./redact-dump.ts";

test.each([
  [
    "OPTIONS (\n    \"user\" 'me',\n    password E'a;\\'b'\n)",
    "OPTIONS (\n    \"user\" 'me',\n    password '***'\n)",
  ],
  ["OPTIONS (\"Ssl_Password\" 'x', host 'h')", "OPTIONS (\"Ssl_Password\" '***', host 'h')"],
])("a user mapping: %s", (options, shown) => {
  const mapping = 'CREATE USER MAPPING FOR "password" SERVER s';
  expect(redactDump(`--\n${mapping} ${options};\n`)).toBe(`--\n${mapping} ${shown};\n`);
});

test("a subscription's connection, unless the API has hidden its password", () => {
  const subscription = (connection: string) =>
    `CREATE SUBSCRIPTION s CONNECTION '${connection}' PUBLICATION p;\n`;
  expect(redactDump(subscription("host=h password=x"))).toBe(subscription("***"));
  const told = subscription("host=h password=***");
  expect(redactDump(told)).toBe(told);
});

test("what is no secret stays, and what looks like a statement hides no other", () => {
  const table = "CREATE TABLE users (\n    password text DEFAULT 'x'::text\n);\n";
  expect(redactDump(table)).toBe(table);
  const body = "CREATE FUNCTION f() AS $$\nCREATE SERVER isn't here\n$$;\n";
  const mapping = "CREATE USER MAPPING FOR a SERVER s OPTIONS (\n    password 'secret'\n);\n";
  expect(redactDump(body + mapping)).not.toContain("secret");
});
