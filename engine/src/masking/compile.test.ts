import { describe, expect, test } from "vitest";
import { compile, parseRule, UnknownFunction } from "./compile.ts";
import { parseExpression, parseLiteral } from "./expression.ts";
import { knownFunctions } from "./functions.ts";
import { NotReadable } from "./tokens.ts";

const rule = { database_name: "d", schema_name: "s", table_name: "t", column_name: "c" };
const byFunction = (masking_function: string) => parseRule({ ...rule, masking_function });
const column = (path: string[]) => `t.${path.join("/")}`;

describe("functions of a rule", () => {
  test.each([
    [
      "anon.partial(phone, 2, 'X''X', 2)",
      /substring\(\(t\.phone\)::text from 1 for \(2\)::integer\).*'X''X'/,
    ],
    ["ANON.Hash(Users.Login)", /\(t\.users\/login\)::text/],
    [`anon.hash("Log""In")`, /t\.Log"In/],
    [
      "pg_catalog.concat(anon.dummy_uuidv4(), '@example.com')",
      /^concat\(.*gen_random_uuid.*'@example\.com'/,
    ],
    [
      "anon.ternary(score IS NULL, NULL, anon.random_int_between(0,100))",
      /^case when \(t\.score is null\) then null else/,
    ],
    [
      "anon.ternary(id > 1000, NULL::text, password)",
      /\(t\.id > 1000\) then \(null\)::text else t\.password/,
    ],
    ["anon.random_in(ARRAY['a','b'])", /array\['a', 'b'\]/],
    ["anon.lorem_ipsum(words := 3)", /array_to_string/],
    ["anon.noise(salary, 0.33)", /t\.salary \*/],
    ["anon.dnoise(born, '2 days')", /'2 days'\)::interval/],
    ["anon.random_int_between(-5, 5)", /\(\(-5\)\)::integer/],
    ["anon.digest(name, 'salt', 'sha512')", /sha512\(/],
    ["anon.random_date_between('2000-01-01'::date, pg_catalog.now())", /::timestamptz/],
  ])("%s", (text, sql) => {
    expect(compile(byFunction(text), column)).toMatch(sql);
  });

  test.each([
    "anon.fake_email()); drop table x; --",
    "anon.fake_email() -- x",
    "anon.fake_email() || name",
    "name",
    "'constant'",
    "anon.partial(name)",
    "anon.fake_email('x')",
    "anon.random_string(n)",
    "anon.lorem_ipsum(bytes := 3)",
    "anon.digest(name, 'salt', 'crc32')",
    "anon.hash(name::regclass)",
    "anon.hash(name::public.mine)",
    "anon.hash($$x$$)",
    "anon.hash(E'x')",
    "anon.hash((select 1))",
    "",
    `anon.hash(${"anon.hash(".repeat(30)}x${")".repeat(31)}`,
    `anon.hash('${"x".repeat(3000)}')`,
  ])("not %s", (text) => {
    expect(() => byFunction(text)).toThrow(NotReadable);
  });

  test.each([
    "pg_catalog.pg_read_file('x')",
    "fake_email()",
    "anon.image_blur(x, 1)",
    "public.mine(x)",
  ])("not known: %s", (text) => {
    expect(() => byFunction(text)).toThrow(UnknownFunction);
  });

  test("every known function has SQL", () => {
    expect(knownFunctions).toContain("anon.dummy_free_email");
    expect(knownFunctions.length).toBeGreaterThan(60);
  });
});

describe("values of a rule", () => {
  test.each([
    ["'CONFIDENTIAL'", "'CONFIDENTIAL'"],
    ["'it''s \\ so'", "'it''s \\ so'"],
    ["NULL", "null"],
    ["-1.5", "(-1.5)"],
    ["true", "true"],
    ["'2000-01-01'::date", "('2000-01-01')::date"],
  ])("%s", (text, sql) => {
    expect(compile(parseLiteral(text), column)).toBe(sql);
  });

  test.each(["REDACTED", "anon.fake_email()", "ARRAY['a']", "'a' 'b'", "'open"])(
    "not %s",
    (text) => {
      expect(() => parseLiteral(text)).toThrow(NotReadable);
    },
  );
});

test("columns keep their names", () => {
  expect(parseExpression(`"A.B".c`)).toEqual({ kind: "column", path: ["A.B", "c"] });
});
