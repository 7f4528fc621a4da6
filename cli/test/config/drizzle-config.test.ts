import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../../../scripts/test-support/until.ts";
import { drizzleConfigOf } from "../../src/config/io/ledger-agreement.ts";
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
    ["drizzle.config.ts", `console.log("n".repeat(2e6)); export default { ${settings} };`],
    [
      "drizzle.config.ts",
      `process.on("exit", () => console.log("the end")); export default { ${settings} };`,
    ],
  ])("%s: %s", async (name, text) => {
    write(name, text);
    await expectSettings();
    await expectSettings();
  });

  const part = { "part.ts": `export const out: string = "./db/sql";` };
  const rest = `dialect: "postgresql", migrations: { table: "log", schema: "app" }`;
  // Each as drizzle-kit 0.31 reads it, whatever the package's type.
  describe.each(["module", "commonjs"])("in a package of the type %s", (type) => {
    test.each<[string, string, Record<string, string>?]>([
      ["drizzle.config.js", `module.exports = { ${settings} };`],
      ["drizzle.config.js", `exports.default = { ${settings} };`],
      ["drizzle.config.js", `export default { ${settings} };`],
      ["drizzle.config.cjs", `module.exports = { ${settings} };`],
      ["drizzle.config.cts", `export = { ${settings} };`],
      ["drizzle.config.mts", `export default { ${settings} };`],
      ["drizzle.config.ts", `export = { ${settings} };`],
      [
        "drizzle.config.js",
        `import { sep } from "node:path"; module.exports = sep && { ${settings} };`,
      ],
      [
        "drizzle.config.js",
        `const { out } = require("./part"); module.exports = { out, ${rest} };`,
        part,
      ],
      ["drizzle.config.ts", `import { out } from "./part"; export default { out, ${rest} };`, part],
      [
        "drizzle.config.ts",
        `import { out } from "./part.js"; export default { out, ${rest} };`,
        part,
      ],
      [
        "drizzle.config.ts",
        `const { out } = await import("./part"); export default { out, ${rest} };`,
        part,
      ],
      [
        "drizzle.config.ts",
        `import part from "./part.cjs"; export default { ...part, ${rest} };`,
        { "part.cjs": `module.exports = { out: "./db/sql" };` },
      ],
      [
        "drizzle.config.ts",
        `import part from "./part.json" with { type: "json" }; export default { ...part, ${rest} };`,
        { "part.json": `{ "out": "./db/sql" }` },
      ],
      [
        "drizzle.config.ts",
        `import { out } from "@/part"; export default { out, ${rest} };`,
        {
          "src/part.ts": `import { join } from "node:path"; export const out = join(__dirname, "../db/sql");`,
          "tsconfig.json": `{ "extends": "./tsconfig.base.json" /* a comment */ }`,
          "tsconfig.base.json": `{ "compilerOptions": { "paths": { "@/*": ["./src/*"], } } }`,
        },
      ],
      [
        "drizzle.config.ts",
        `import { fileURLToPath } from "node:url"; import { root } from "./lib/root";
         export default { out: fileURLToPath(new URL("db/sql", root)), ${rest} };`,
        { "lib/root.ts": `export const root = new URL("..", import.meta.url);` },
      ],
      [
        "drizzle.config.ts",
        `import two from "two"; export default { ...two, ${rest} };`,
        {
          "node_modules/two/package.json": `{ "exports": { "import": "./i.mjs", "require": "./r.cjs" } }`,
          "node_modules/two/i.mjs": `export default { out: "./other" };`,
          "node_modules/two/r.cjs": `module.exports = { out: "./db/sql" };`,
        },
      ],
      [
        "drizzle.config.ts",
        `import one from "one"; export default { ...one, ${rest} };`,
        {
          "node_modules/one/package.json": `{ "type": "module", "exports": { "import": "./i.js" } }`,
          "node_modules/one/i.js": `export default { out: "./db/sql" };`,
        },
      ],
    ])("%s: %s", async (name, text, others = {}) => {
      write("package.json", JSON.stringify({ name: "shop", type }));
      for (const [file, content] of Object.entries(others)) write(file, content);
      write(name, text);
      await expectSettings();
    });
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

  test("follows what says how the sources are read", async () => {
    const paths = (folder: string) =>
      JSON.stringify({ compilerOptions: { paths: { "@/*": [`./${folder}/*`] } } });
    write("one/table.ts", `export const table = "one";`);
    write("two/table.ts", `export const table = "two";`);
    write(
      "drizzle.config.ts",
      `import { table } from "@/table"; export default { dialect: "postgresql", migrations: { table } };`,
    );
    write("tsconfig.json", `{ "extends": "./base" }`);
    write("base.json", paths("one"));
    expect((await load()).migrations.table).toBe("one");
    write("base.json", paths("two"));
    expect((await load()).migrations.table).toBe("two");
    write("tsconfig.json", paths("one"));
    expect((await load()).migrations.table).toBe("one");
  });

  test("of a ds.config: a package.json that comes later changes how a file is read", async () => {
    write("part.js", `module.exports = { project: "p" };`);
    write(
      "ds.config.ts",
      `import part from "./part.js"; export default { project: "q", ...part };`,
    );
    expect((await load()).project).toBe("p");
    write("package.json", `{ "type": "module" }`);
    await expect(load()).rejects.toMatchObject({ code: "CONFIG_INVALID" });
    rmSync(join(root, "package.json"));
    expect((await load()).project).toBe("p");
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

describe("one that insists on variables that `ds setup` is yet to write", () => {
  const url = `if (!URL.canParse(process.env.DATABASE_URL)) throw new Error("DATABASE_URL");`;
  test.each([
    ["throws without a connection string", url],
    ["ends the process", `if (!process.env.DATABASE_URL) process.exit(1);`],
    [
      "also wants what .env.example has",
      `${url} for (const name of ["API_TOKEN", "API_URL"]) if (!process.env[name]) throw new Error(name);`,
    ],
    [
      "can do without its validation",
      `if (!process.env.SKIP_ENV_VALIDATION && !process.env.TABLE) throw new Error("TABLE");`,
    ],
  ])("%s", async (_, check) => {
    write(".env.example", "DATABASE_URL=\nAPI_TOKEN=\nAPI_URL=\n");
    write("env.ts", `${check} export const env = process.env;`);
    write(
      "drizzle.config.ts",
      `import { env } from "./env"; export default { ${settings}, dbCredentials: { url: env.DATABASE_URL } };`,
    );
    await expectSettings();
  });

  test("the names that ds.config.ts gives to connection strings, where the ledger is compared", async () => {
    write(
      "drizzle.config.ts",
      `if (!process.env.MAIN_DB) throw new Error("MAIN_DB"); export default { ${settings} };`,
    );
    write(
      "ds.config.ts",
      `export default { project: "p", migrations: { folder: "db/sql" }, envFile: { url: "MAIN_DB" } };`,
    );
    const context = { cwd: root, env, home: home() };
    const { drizzle } = await drizzleConfigOf(context, await load());
    expect(drizzle).toMatchObject({ table: "log", schema: "app" });
  });

  test("a variable of the shell and of .env counts before a placeholder", async () => {
    write(".env", "TABLE=log\n");
    write(
      "drizzle.config.ts",
      `if (!process.env.DATABASE_URL) throw new Error();
       const { TABLE: table, SCHEMA: schema } = process.env;
       export default { dialect: "postgresql", out: "./db/sql", migrations: { table, schema } };`,
    );
    write(".env.example", "TABLE=other\nSCHEMA=other\n");
    await expectSettings(root, { SCHEMA: "app" });
  });

  test("a folder that a placeholder would name is nobody's", async () => {
    write(".env.example", "OUT=\n");
    write(
      "drizzle.config.ts",
      `if (!process.env.OUT) throw new Error("OUT");
       export default { dialect: "postgresql", out: process.env.OUT };`,
    );
    await expect(load()).rejects.toMatchObject({ details: { problem: "not-evaluated" } });
  });
});

test("Ctrl-C while a config is evaluated is an interruption, not the config's fault", async () => {
  write(
    "drizzle.config.ts",
    `require("fs").writeFileSync("begun", ""); await new Promise(() => setInterval(() => {}, 1000));`,
  );
  const stop = new AbortController();
  const loading = loadConfig({ cwd: root, env, home: home(), signal: stop.signal });
  await until("the evaluation", () => existsSync(join(root, "begun")));
  stop.abort();
  await expect(loading).rejects.toMatchObject({ code: "INTERRUPTED" });
});

test("an evaluation that the system ends is done again", async () => {
  write(
    "drizzle.config.ts",
    `const fs = require("fs");
     if (!fs.existsSync("begun")) { fs.writeFileSync("begun", ""); process.kill(process.pid, "SIGKILL"); }
     export default { ${settings} };`,
  );
  await expectSettings();
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
