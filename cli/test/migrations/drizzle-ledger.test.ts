import { execFile } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Client } from "pg";
import { beforeEach, describe, expect, test } from "vitest";
import { installKit, type KitVersion, runKit } from "../helpers/drizzle/kit.ts";
import type { MigrateProject } from "../helpers/migrations/migrate-project.ts";
import { column, withProject } from "../helpers/migrations/migrate-test.ts";
import type { TestFolder } from "../helpers/migrations/migrations-folder.ts";

// One ledger for ds and the real drizzle-kit, where Drizzle's own configuration names it.

const custom = `out: "./db/sql", migrations: { schema: "app", table: "log" }`;

let project: MigrateProject;
let folder: TestFolder;
let sql: Client;
withProject((fresh) => {
  ({ project, folder, sql } = fresh);
});

const write = (file: string, text: string) => writeFileSync(join(project.path, file), text);
const drizzleConfig = (settings: string) =>
  write(
    "drizzle.config.ts",
    `import { defineConfig } from "drizzle-kit";
     export default defineConfig({ dialect: "postgresql", schema: "./schema.ts", ${settings},
       dbCredentials: { url: process.env.DATABASE_URL! } });`,
  );
const usePackages = (version: KitVersion) => installKit(version, project.path);
const kit = (...args: string[]) => runKit(project.path, project.url, ...args);
const generate = (...columns: string[]) => {
  write(
    "schema.ts",
    `import { integer, pgTable } from "drizzle-orm/pg-core";
     export const items = pgTable("items", { ${columns.map((name) => `${name}: integer()`)} });`,
  );
  return kit("generate", "--name", columns.at(-1) as string);
};
const migrate = (...args: string[]) => project.json("migrate", ...args);
const ledgers = () =>
  column(
    sql,
    `select table_schema || '.' || table_name from information_schema.tables
     where table_name in ('log', '__drizzle_migrations')`,
  );

describe.each(["0.31", "1.0"] as const)("drizzle-kit %s", (version) => {
  beforeEach(() => {
    usePackages(version);
    drizzleConfig(custom);
  });

  test("before ds: ds finds nothing to do, and goes on in the same ledger", async () => {
    await generate("a");
    await kit("migrate");
    const first = await migrate();
    expect(first.document).toMatchObject({ status: "up-to-date", applied: [], pending: [] });
    await generate("a", "b");
    const second = await migrate();
    expect(second.document).toMatchObject({ applied: [expect.stringMatching(/_b$/)] });
    await kit("migrate");
    expect(await column(sql, "select hash from app.log")).toHaveLength(2);
    expect(await ledgers()).toEqual(["app.log"]);
  });

  test("after ds: drizzle-kit finds nothing to do", async () => {
    await generate("a");
    expect((await migrate()).document).toMatchObject({ status: "applied" });
    await kit("migrate");
    expect(await column(sql, "select hash from app.log")).toHaveLength(1);
    expect(await ledgers()).toEqual(["app.log"]);
  });

  test("ds init: what it writes has the same folder and ledger", async () => {
    await generate("a");
    await kit("migrate");
    const init = [fileURLToPath(new URL("../../bin/ds.js", import.meta.url)), "init"];
    const env = { ...process.env, DS_HOME: project.home };
    const { stdout } = await promisify(execFile)(process.execPath, init, {
      cwd: project.path,
      env,
    });
    expect(stdout).toContain("with the migrations folder and ledger of drizzle.config.ts");
    expect(readFileSync(join(project.path, "ds.config.ts"), "utf8")).toContain(
      `    folder: "db/sql",\n    schema: "app",\n    table: "log",\n`,
    );
    write("drizzle.config.ts", "throw new Error('not needed any more')");
    expect((await migrate()).document).toMatchObject({ status: "up-to-date", pending: [] });
  });
});

test("a drizzle config that cannot be used: 3, and nothing is touched", async () => {
  folder.add("0000_a", "create table a (id int);");
  write("drizzle.config.ts", `throw new Error("DATABASE_URL is not set");`);
  const { status, document, stderr } = await migrate();
  expect(status).toBe(3);
  expect(document.error).toMatchObject({
    code: "CONFIG_INVALID",
    reason: "DRIZZLE_CONFIG_UNUSABLE",
    message: expect.stringContaining("DATABASE_URL is not set"),
    hint: expect.stringContaining("ds init"),
  });
  // The message and what to do next, a line each.
  expect(stderr.trimEnd().split("\n")).toHaveLength(2);
  expect(await ledgers()).toEqual([]);
});

describe("a ds.config.ts that leaves the ledger to the default", () => {
  beforeEach(() => {
    usePackages("0.31");
    folder.add("0000_a", "create table a (id int);");
    write("ds.config.ts", `export default { project: "shop" };`);
  });

  test("Drizzle's is another: refused before anything is written, with the line to add", async () => {
    drizzleConfig(`migrations: { schema: "app", table: "log" }`);
    await kit("migrate");
    for (const args of [[], ["--check"], ["--plan"]]) {
      const { status, document } = await project.json("migrate", ...args);
      expect(status).toBe(3);
      expect(document.error).toMatchObject({
        code: "CONFIG_INVALID",
        reason: "LEDGER_DIFFERS",
        drizzle: "app.log",
        configured: "drizzle.__drizzle_migrations",
        hint: expect.stringContaining(`schema: "app", table: "log"`),
      });
    }
    expect((await project.run("baseline", "--yes")).status).toBe(3);
    expect(await ledgers()).toEqual(["app.log"]);
    write(
      "ds.config.ts",
      `export default { project: "shop", migrations: { schema: "app", table: "log" } };`,
    );
    expect((await migrate()).document).toMatchObject({ status: "up-to-date" });
  });

  test("Drizzle's is the same, or is about another folder or database: applied", async () => {
    drizzleConfig(`out: "./drizzle"`);
    expect((await migrate()).status).toBe(0);
    drizzleConfig(`out: "./elsewhere", migrations: { table: "log" }`);
    folder.add("0001_b", "create table b (id int);");
    expect((await migrate()).status).toBe(0);
    write("drizzle.config.ts", `export default { dialect: "mysql" };`);
    folder.add("0002_c", "create table c (id int);");
    expect((await migrate()).status).toBe(0);
    expect(await ledgers()).toEqual(["drizzle.__drizzle_migrations"]);
  });

  test("one that cannot be read is in doubt only as long as the ledger has no entry", async () => {
    write("drizzle.config.ts", `throw new Error("no");`);
    const { status, document } = await migrate();
    expect(status).toBe(3);
    expect(document.error).toMatchObject({
      reason: "LEDGER_UNCERTAIN",
      hint: expect.stringContaining(`schema: "drizzle", table: "__drizzle_migrations"`),
    });
    rmSync(join(project.path, "drizzle.config.ts"));
    expect((await migrate()).status).toBe(0);
    write("drizzle.config.ts", `throw new Error("no");`);
    folder.add("0001_b", "create table b (id int);");
    expect((await migrate()).document).toMatchObject({ applied: ["0001_b"] });
  });

  test("with nothing pending it is not looked at", async () => {
    expect((await migrate()).status).toBe(0);
    drizzleConfig(`migrations: { table: "log" }`);
    expect((await migrate()).document).toMatchObject({ status: "up-to-date" });
  });
});
