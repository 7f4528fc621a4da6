import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadConfig } from "../../src/config/io/load.ts";
import { scratchFolder } from "../helpers/scratch.ts";

// What a project without ds.config.ts says in its drizzle config.

const installed = fileURLToPath(new URL("../../../backend/node_modules", import.meta.url));

let scratch: ReturnType<typeof scratchFolder>;
let root: string;
const home = () => join(scratch.path, "home");
const env = { PATH: process.env.PATH };
const load = (cwd = root, more = {}) => loadConfig({ cwd, env: { ...env, ...more }, home: home() });
const write = (name: string, text: string) => {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), text);
};
const settings = `dialect: "postgresql", out: "./db/sql", migrations: { table: "log", schema: "app" }`;

beforeEach(() => {
  scratch = scratchFolder();
  root = join(scratch.path, "project");
  mkdirSync(join(root, ".git"), { recursive: true });
});
afterEach(() => scratch.remove());

async function expectSettings(cwd = root, more = {}): Promise<void> {
  expect((await load(cwd, more)).migrations).toMatchObject({
    folder: join(root, "db/sql"),
    schema: "app",
    table: "log",
    assumed: [],
  });
}

describe("forms", () => {
  test.each([
    ["drizzle.config.ts", `export default { ${settings} } satisfies object;`],
    ["drizzle.config.mts", `export default await Promise.resolve({ ${settings} });`],
    ["drizzle.config.js", `module.exports = { ${settings} };`],
    ["drizzle.config.js", `exports.__esModule = true; exports.default = { ${settings} };`],
    ["drizzle.config.mjs", `export default { ${settings} };`],
    [
      "drizzle.config.ts",
      `export const dialect = "postgresql", out = "./db/sql",
         migrations = { table: "log", schema: "app" };`,
    ],
    [
      "drizzle.config.json",
      `{ "dialect": "postgresql", "out": "db/sql", "migrations": { "table": "log", "schema": "app" } }`,
    ],
    ["drizzle.config.ts", `export default { ${settings} }; setInterval(() => {}, 1000);`],
    ["drizzle.config.ts", `console.log("noise"); export default { ${settings} };`],
  ])("%s: %s", async (name, text) => {
    write(name, text);
    await expectSettings();
    await expectSettings();
  });

  test("packages of the project: drizzle-kit's own function, one that is CommonJS, one that is not", async () => {
    mkdirSync(join(root, "node_modules"));
    symlinkSync(join(installed, "drizzle-kit"), join(root, "node_modules/drizzle-kit"));
    write("node_modules/old/package.json", `{ "name": "old" }`);
    write("node_modules/old/index.js", `module.exports = require("node:path").sep === "/";`);
    write(
      "node_modules/new/package.json",
      `{ "name": "new", "type": "module", "exports": "./n.js" }`,
    );
    write("node_modules/new/n.js", `export const table = "log";`);
    write(
      "drizzle.config.ts",
      `import { defineConfig } from "drizzle-kit";
       import isOld from "old";
       import { table } from "new";
       export default defineConfig({ dialect: "postgresql", schema: "./schema.ts", out: "./db/sql",
         migrations: { table, schema: isOld ? "app" : "none" } });`,
    );
    await expectSettings();
  });

  test("variables: of the shell, of the .env beside it, and by dotenv from any folder", async () => {
    write("node_modules/dotenv/package.json", `{ "name": "dotenv", "main": "main.js" }`);
    write(
      "node_modules/dotenv/config.js",
      `process.env.SCHEMA = require("fs").readFileSync(".schema", "utf8");`,
    );
    write(".schema", "app");
    write(".env", "TABLE=log\nOUT=elsewhere\n");
    write(
      "drizzle.config.ts",
      `import "dotenv/config";
       const { TABLE: table, SCHEMA: schema, OUT: out } = process.env;
       if (!table) throw new Error("TABLE is not set");
       export default { dialect: "postgresql", out, migrations: { table, schema } };`,
    );
    mkdirSync(join(root, "src/deep"), { recursive: true });
    await expectSettings(join(root, "src/deep"), { OUT: "./db/sql" });
    expect(process.env.SCHEMA).toBeUndefined();
  });
});

describe("which one", () => {
  test("the first in drizzle-kit's order, and its project is named after its folder's package", async () => {
    write("package.json", `{ "name": "shop" }`);
    write("drizzle.config.json", "{}");
    write("drizzle.config.ts", `export default { ${settings} };`);
    await expectSettings();
    expect(await load()).toMatchObject({ project: "shop", root, file: undefined });
  });

  test("also from inside its own folder; but a nearer folder of migrations is a project of its own", async () => {
    write("drizzle.config.ts", `export default { ${settings.replace("db/sql", "db/drizzle")} };`);
    write("db/drizzle/meta/_journal.json", "{}");
    expect((await load(join(root, "db"))).migrations.table).toBe("log");
    write("other/drizzle/meta/_journal.json", "{}");
    const other = await load(join(root, "other"));
    expect(other).toMatchObject({ root: join(root, "other"), drizzleFile: undefined });
    expect(other.migrations).toMatchObject({ table: "__drizzle_migrations" });
  });

  test("none where there is a ds.config.ts: it is not even looked at", async () => {
    write("drizzle.config.ts", "throw new Error()");
    write("ds.config.ts", `export default { project: "p", migrations: { table: "t" } };`);
    expect((await load()).migrations).toMatchObject({ table: "t", assumed: ["schema"] });
  });
});

describe("the cache", () => {
  const cached = () => {
    const folder = join(home(), "cache/config");
    return readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"));
  };

  test("follows the sources, and never has a value of the environment", async () => {
    write("table.ts", `export const table = "one";`);
    write(
      "drizzle.config.ts",
      `import { table } from "./table";
       export default { dialect: "postgresql", migrations: { table },
         dbCredentials: { url: process.env.DATABASE_URL } };`,
    );
    const secret = { DATABASE_URL: "postgres://a:hunter2@h/d" };
    expect((await load(root, secret)).migrations.table).toBe("one");
    expect((await load(root, secret)).migrations.table).toBe("one");
    expect(cached()).toHaveLength(2);
    write("table.ts", `export const table = "two";`);
    const config = await load(root, secret);
    expect(config.migrations.table).toBe("two");
    expect(cached().join() + JSON.stringify(config)).not.toContain("hunter2");
  });

  test("does not keep a config with a password in it", async () => {
    write(
      "drizzle.config.ts",
      `export default { ${settings}, dbCredentials: { host: "h", password: "hunter2" } };`,
    );
    await expectSettings();
    rmSync(home(), { recursive: true, force: true });
    await expectSettings();
    expect(() => cached()).toThrow("ENOENT");
  });
});

describe("one that cannot be used: its name, the problem, and both ways out", () => {
  test.each([
    ["export default {", "not-compiled"],
    [`import "not-there"; export default {};`, "not-compiled"],
    [`throw new Error("DATABASE_URL is not set")`, "not-evaluated"],
    [`throw new Error("bad: postgres://a:hunter2@h/d")`, "not-evaluated"],
    ["process.exit(1)", "ends-process"],
    [`export default { dialect: "sqlite" };`, "other-dialect"],
    ["export default [];", "no-dialect"],
    ["", "no-dialect"],
  ])("%s: %s", async (text, problem) => {
    write("drizzle.config.ts", text);
    const failure = await load().catch((error) => error);
    expect(failure).toMatchObject({
      code: "CONFIG_INVALID",
      reason: "DRIZZLE_CONFIG_UNUSABLE",
      details: { problem },
      message: expect.stringMatching(/^drizzle\.config\.ts [^\n]*$/),
      hint: expect.stringContaining("ds init"),
    });
    expect(failure.message).not.toContain("hunter2");
  });

  test("a broken JSON", async () => {
    write("drizzle.config.json", "{ dialect }");
    await expect(load()).rejects.toMatchObject({
      reason: "DRIZZLE_CONFIG_UNUSABLE",
      details: { problem: "not-compiled" },
    });
  });
});
