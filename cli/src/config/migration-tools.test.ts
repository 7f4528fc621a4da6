import { describe, expect, test } from "vitest";
import { migrationsLine, migrationTools, toolOfFolder } from "./migration-tools.ts";

describe("whose folder it is", () => {
  test.each([
    ["Prisma", ["20260101000000_init", "migration_lock.toml"]],
    ["Atlas", ["20260101000000_init.sql", "atlas.sum"]],
    ["Flyway", ["V1__init.sql", "V1_1__more.sql"]],
    ["Flyway", ["R__views.sql"]],
    ["Rails", ["20260101000000_create_users.rb"]],
    ["golang-migrate", ["000001_init.up.sql", "000001_init.down.sql"]],
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

test("the line for ds.config.ts", () => {
  const lineOf = (name: string) =>
    migrationsLine(migrationTools.find((tool) => tool.name === name) as never);
  expect(lineOf("Prisma")).toBe(
    'migrations: { command: "npx prisma migrate deploy", check: "npx prisma migrate status" }',
  );
  expect(lineOf("Flyway")).toBe("migrations: false");
});
