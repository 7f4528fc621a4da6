import { expect, test } from "vitest";
import { redactDump } from "./redact-dump.ts";

test.each([
  [
    "a user mapping",
    `CREATE USER MAPPING FOR app SERVER s OPTIONS (\n    "user" 'me',\n    password 'a;''b'\n);`,
    `CREATE USER MAPPING FOR app SERVER s OPTIONS (\n    "user" 'me',\n    password '***'\n);`,
  ],
  [
    "an escaped value, and a quoted name",
    `CREATE USER MAPPING FOR "password" SERVER "it's" OPTIONS (\n    "Password" E'a\\'b\\\\',\n    host 'h'\n);`,
    `CREATE USER MAPPING FOR "password" SERVER "it's" OPTIONS (\n    "Password" '***',\n    host 'h'\n);`,
  ],
  [
    "a server",
    "CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (\n    host 'h',\n    aws_secret_access_key 'x'\n);",
    "CREATE SERVER s FOREIGN DATA WRAPPER w OPTIONS (\n    host 'h',\n    aws_secret_access_key '***'\n);",
  ],
  [
    "a subscription",
    "CREATE SUBSCRIPTION s CONNECTION 'host=h password=secret user=me' PUBLICATION p WITH (connect = false);",
    "CREATE SUBSCRIPTION s CONNECTION 'host=h password=*** user=me' PUBLICATION p WITH (connect = false);",
  ],
  [
    "a subscription with quotes in its password",
    "CREATE SUBSCRIPTION s CONNECTION 'password = ''a b'' host=h' PUBLICATION p;",
    "CREATE SUBSCRIPTION s CONNECTION 'password = *** host=h' PUBLICATION p;",
  ],
  [
    "a subscription with escapes in its password",
    "CREATE SUBSCRIPTION s CONNECTION E'password = ''a \\\\'' b\\\\\\\\'' host=h' PUBLICATION p;",
    "CREATE SUBSCRIPTION s CONNECTION 'password = *** host=h' PUBLICATION p;",
  ],
  [
    "a subscription to a URL",
    "CREATE SUBSCRIPTION s CONNECTION 'postgresql://me:secret@h/db?sslpassword=x&a=b' PUBLICATION p;",
    "CREATE SUBSCRIPTION s CONNECTION 'postgresql://me:***@h/db?sslpassword=***&a=b' PUBLICATION p;",
  ],
])("%s", (_, dumped, shown) => {
  expect(redactDump(`-- before\n\n${dumped}\n\n-- after\n`)).toBe(
    `-- before\n\n${shown}\n\n-- after\n`,
  );
});

test("what is no secret stays, and what looks like a statement hides no other", () => {
  const table = "CREATE TABLE public.users (\n    password text DEFAULT 'x'::text\n);\n";
  expect(redactDump(table)).toBe(table);
  const body = "CREATE FUNCTION f() AS $$\nCREATE SERVER isn't here\n$$;\n";
  const mapping = "CREATE USER MAPPING FOR a SERVER s OPTIONS (\n    password 'secret'\n);\n";
  expect(redactDump(body + mapping)).not.toContain("secret");
});
