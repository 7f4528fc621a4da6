import { describe, expect, test } from "vitest";
import {
  differingParts,
  drizzleGenerator,
  drizzleSettings,
  holdsCredential,
  ledgerLine,
  shortReason,
} from "./drizzle-settings.ts";

const defaults = { out: "drizzle", schema: "drizzle", table: "__drizzle_migrations" };

describe("what counts of a drizzle config", () => {
  test.each([
    [{}, defaults],
    [{ out: "./migrations" }, { ...defaults, out: "./migrations" }],
    [{ migrations: {} }, defaults],
    [{ migrations: { table: "log", prefix: "unix" } }, { ...defaults, table: "log" }],
    [
      { migrations: { schema: "app" }, strict: true },
      { ...defaults, schema: "app" },
    ],
  ])("%j", (config, settings) => {
    expect(drizzleSettings({ dialect: "postgresql", ...config })).toEqual(settings);
  });

  test.each([
    [undefined, /not an object/],
    [() => ({}), /not an object/],
    [[{ dialect: "postgresql" }], /names no dialect/],
    [{ dialect: "mysql" }, /its dialect is "mysql", not "postgresql"/],
    [{ dialect: "postgresql", out: 7 }, /its out is not a name/],
    [{ dialect: "postgresql", migrations: { table: "" } }, /its migrations.table is not a name/],
  ])("%j cannot be used", (config, reason) => {
    expect(drizzleSettings(config)).toMatchObject({ unusable: expect.stringMatching(reason) });
  });
});

test("only what nobody has named can differ", () => {
  const drizzle = { schema: "app", table: "log" };
  expect(differingParts(["schema", "table"], defaults, drizzle)).toEqual(["schema", "table"]);
  expect(differingParts(["table"], defaults, drizzle)).toEqual(["table"]);
  expect(differingParts(["schema", "table"], defaults, defaults)).toEqual([]);
  expect(ledgerLine(["schema", "table"], drizzle)).toBe('schema: "app", table: "log"');
});

test("a module with a password in it is not to be kept, one that reads it from elsewhere is", () => {
  expect(holdsCredential('url: "postgres://a:hunter2@h/d"')).toBe(true);
  expect(holdsCredential('dbCredentials: { host: "h", password: "hunter2" }')).toBe(true);
  expect(holdsCredential("dbCredentials: { url: process.env.DATABASE_URL }")).toBe(false);
});

test("a reason is one line, without passwords", () => {
  expect(shortReason("no\n  postgres://a:hunter2@h/d")).toBe("no postgres://a:****@h/d");
  expect(shortReason("x".repeat(500))).toHaveLength(201);
});

test("drizzle-kit is told of a config that it does not find by itself", () => {
  expect(drizzleGenerator(["package.json"])).toBeUndefined();
  expect(drizzleGenerator(["drizzle.config.json"])).toMatch(/drizzle-kit generate$/);
  expect(drizzleGenerator(["drizzle.config.mts"])).toMatch(/ --config drizzle.config.mts$/);
});
