import { describe, expect, test } from "vitest";
import { migrationsLine, migrationTools, toolOfFolder, toolOfHeads } from "./migration-tools.ts";

describe("whose folder it is", () => {
  test.each([
    ["Prisma", ["20260101000000_init", "migration_lock.toml"]],
    ["Atlas", ["20260101000000_init.sql", "atlas.sum"]],
    ["Flyway", ["V1__init.sql", "V1_1__more.sql"]],
    ["Flyway", ["R__views.sql"]],
    ["Rails", ["20260101000000_create_users.rb"]],
    ["golang-migrate", ["000001_init.up.sql", "000001_init.down.sql"]],
    ["golang-migrate", ["000001_init.up.sql"]],
    ["Ecto", ["20260101000000_create_users.exs"]],
    ["Laravel", ["2026_01_01_000000_create_users_table.php"]],
    [undefined, ["20260101000000-a.js"]],
    ["Liquibase", ["db.changelog-master.xml"]],
    [undefined, ["0000_a.sql", "0001_b.sql"]],
    [undefined, ["20260101000000_init"]],
    [undefined, ["meta", "migration_lock.toml"]],
    [undefined, ["0000_start.up.sql"]],
    [undefined, []],
  ])("%s: %j", (name, names) => {
    expect(toolOfFolder(names)?.name).toBe(name);
  });
});

test("a package may have to be there, too", () => {
  expect(toolOfFolder(["20260101000000-a.js"], new Set(["sequelize"]))?.name).toBe("Sequelize");
});

test.each([
  ["goose", "-- +goose Up\ncreate table a ();"],
  ["goose", "-- About a\n--+goose up\n"],
  ["dbmate", "-- migrate:up\ncreate table a ();"],
  ["Liquibase", "--liquibase formatted sql\n"],
  [undefined, "create table a (); -- migrate:up is dbmate's"],
  [undefined, "--> statement-breakpoint"],
])("%s, by the beginning of a file: %j", (name, text) => {
  expect(toolOfHeads([text])?.name).toBe(name);
});

test("the line for ds.config.ts", () => {
  const lineOf = (name: string) =>
    migrationsLine(migrationTools.find((tool) => tool.name === name) as never);
  expect(lineOf("Prisma")).toBe(
    'migrations: { command: "npx prisma migrate deploy", check: "npx prisma migrate status" }',
  );
  expect(lineOf("Flyway")).toBe("migrations: false");
});
