import { mkdirSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadConfig } from "../../src/config/io/load.ts";
import type { DsError } from "../../src/errors/ds-error.ts";
import { scratchFolder } from "../helpers/scratch.ts";

let scratch: ReturnType<typeof scratchFolder>;
let root: string;
const home = () => join(scratch.path, "home");
const load = (cwd = root) => loadConfig({ cwd, env: process.env, home: home() });
const write = (text: string, name = "ds.config.ts") => writeFileSync(join(root, name), text);

async function refusal(): Promise<DsError> {
  const error = (await load().then(
    () => undefined,
    (reason: unknown) => reason,
  )) as DsError | undefined;
  expect(error?.code).toBe("CONFIG_INVALID");
  expect(error?.status).toBe(3);
  return error as DsError;
}

beforeEach(() => {
  scratch = scratchFolder();
  root = join(scratch.path, "project");
  mkdirSync(join(root, ".git"), { recursive: true });
});
afterEach(() => scratch.remove());

describe("loading", () => {
  test("TypeScript, the package's function, a file beside it; every default filled in", async () => {
    write(`export const name: string = "shop";`, "shared.ts");
    write(`import { defineConfig } from "@devstride/ds";
      import { name } from "./shared.ts";
      export default defineConfig({ project: name, stages: { prod: { project: "p2" } } });`);
    expect(await load()).toEqual({
      root,
      file: join(root, "ds.config.ts"),
      project: "shop",
      stages: { prod: { project: "p2", branch: undefined } },
      database: undefined,
      role: undefined,
      stageVariable: "DEVSTRIDE_STAGE",
      migrations: {
        folder: join(root, "drizzle"),
        schema: "drizzle",
        table: "__drizzle_migrations",
        assumed: ["schema", "table"],
        late: "fail",
        rehearse: "shared",
        rules: {},
        smallTable: { rows: 10_000, bytes: 10_000_000 },
      },
      envFile: {
        path: join(root, ".env"),
        url: "DATABASE_URL",
        unpooledUrl: "DATABASE_URL_UNPOOLED",
      },
      recoveryPoints: 3,
      limits: { branches: undefined, bytes: undefined },
      extensions: [],
      seed: undefined,
      generate: undefined,
      git: { follow: "worktree" },
      migrator: { kind: "drizzle" },
      secrets: { store: "file", name: "/ds/{project}/{stage}/database", region: undefined },
      infra: undefined,
      deploy: { expiresMs: undefined },
      audit: { graceMs: 86_400_000, inactiveMs: 1_209_600_000, timeoutMs: 60_000 },
      processes: {},
      refresh: undefined,
    });
  });

  test("from a folder below, but not across another checkout's top", async () => {
    write(`export default { project: "up" };`);
    mkdirSync(join(root, "a", "b"), { recursive: true });
    expect((await load(join(root, "a", "b"))).project).toBe("up");
    mkdirSync(join(root, "a", ".git"));
    expect(await load(join(root, "a", "b"))).toMatchObject({
      root: join(root, "a"),
      file: undefined,
      migrator: { kind: "none", onPurpose: false },
    });
  });

  test("the module speaks of its own place", async () => {
    write(`export default { project: import.meta.url.split("/").at(-1) };`);
    expect((await load()).project).toBe("ds.config.ts");
  });

  test.each(["drizzle.config.ts", "drizzle"])(
    "without one, %s makes it a project",
    async (mark) => {
      if (mark === "drizzle") mkdirSync(join(root, mark));
      else write(`export default { dialect: "postgresql" };`, mark);
      write(JSON.stringify({ name: "@acme/Web Shop" }), "package.json");
      expect(await load()).toMatchObject({ project: "acme-web-shop", file: undefined, root });
    },
  );
});

describe("a name that is not given", () => {
  const named = (folder: string, packageName?: string) => {
    const path = join(scratch.path, folder);
    mkdirSync(join(path, "drizzle"), { recursive: true });
    if (packageName) {
      writeFileSync(join(path, "package.json"), JSON.stringify({ name: packageName }));
    }
    return load(path);
  };

  test.each([
    ["x/api", "@alpha/api", "alpha-api", ["api"]],
    ["y/api", "@beta/api", "beta-api", ["api"]],
    ["x/shop", "shop", "shop", []],
    ["alpha/db", undefined, "alpha-db", ["db"]],
    ["beta/db", undefined, "beta-db", ["db"]],
  ])("%s with the package %s: %s", async (folder, packageName, project, otherNames) => {
    expect(await named(folder, packageName)).toMatchObject({ project, inferred: { otherNames } });
  });

  test("in a repository: the repository's and the folder's in it", async () => {
    mkdirSync(join(scratch.path, "mono", ".git"), { recursive: true });
    expect(await named("mono/packages/db")).toMatchObject({ project: "mono-packages-db" });
  });
});

describe("the cache", () => {
  test("is compiled once a content, and again when a file it imports changes", async () => {
    write(`export const name = "one";`, "name.ts");
    write(`import { name } from "./name.ts"; export default { project: name };`);
    expect((await load()).project).toBe("one");
    const cache = join(home(), "cache", "config");
    const modules = () => readdirSync(cache).filter((file) => file.endsWith(".mjs"));
    const [first = ""] = modules();
    const made = statSync(join(cache, first)).mtimeMs;
    utimesSync(join(root, "ds.config.ts"), new Date(), new Date());
    expect((await load()).project).toBe("one");
    expect(statSync(join(cache, first)).mtimeMs).toBe(made);
    write(`export const name = "two";`, "name.ts");
    expect((await load()).project).toBe("two");
    expect(modules()).toHaveLength(2);
  });

  test("is made again when somebody clears it", async () => {
    write(`export default { project: "x" };`);
    await load();
    const cache = join(home(), "cache", "config");
    for (const file of readdirSync(cache).filter((name) => name.endsWith(".mjs"))) {
      rmSync(join(cache, file));
    }
    expect((await load()).project).toBe("x");
  });

  test("does not hide what the environment makes wrong", async () => {
    write(`export default { project: process.env.TEST_PROJECT ?? 7 };`);
    process.env.TEST_PROJECT = "fine";
    try {
      expect((await load()).project).toBe("fine");
    } finally {
      delete process.env.TEST_PROJECT;
    }
  });
});

describe("what is wrong with it", () => {
  test("is said at once, with the path of each", async () => {
    write(`export default { project: 7, migratoins: {}, envFile: { path: [], url: "A-B" },
      processes: { backend: { command: "x", port: 99999 } }, migrations: { late: "maybe" } };`);
    const { details, message, reason } = await refusal();
    expect(message).toContain(join(root, "ds.config.ts"));
    expect(reason).toBe("CONFIG_SETTINGS");
    expect(new Set(details.settings as string[])).toEqual(
      new Set([
        "project",
        "migratoins",
        "envFile.path",
        "envFile.url",
        "processes.backend.port",
        "migrations.late",
      ]),
    );
  });

  test("each has a sentence: its own, or one made of the type that it should have", async () => {
    write(`export default { project: 7, migratoins: {}, envFile: { path: [], url: "A-B" },
      migrations: { late: "maybe" }, refresh: 1 };`);
    expect((await refusal()).details.problems).toEqual(
      expect.arrayContaining([
        "project must be a string",
        "envFile.path must be a string",
        "envFile.url: must be the name of an environment variable",
        "migrations.late must be one of fail, apply",
        "refresh must be an object",
        "migratoins is not a setting",
      ]),
    );
  });

  test.each([
    [`export default { project: "p", apiKey: "x" };`, "apiKey"],
    [`export default { project: "p", apiHost: "http://evil" };`, "apiHost"],
    [`export default { project: "postgres://u:pw@h/d" };`, "project"],
    [`export default { project: "p", database: "napi_abcdefgh12345" };`, "database"],
  ])("credentials and hosts: %s", async (text, setting) => {
    write(text);
    const { details, message, hint } = await refusal();
    expect(details.settings).toEqual([setting]);
    expect(message).not.toMatch(/pw@|napi_abc/);
    expect(hint).toMatch(/NEON_API_KEY/);
  });

  test.each([
    ["export default { project: ", "CONFIG_NOT_COMPILED"],
    [`import "./nowhere.ts"; export default {};`, "CONFIG_NOT_COMPILED"],
    [`throw new Error("thrown by the config");`, "CONFIG_NOT_EVALUATED"],
    ["export const config = {};", "CONFIG_SETTINGS"],
  ])("%s: %s", async (text, reason) => {
    write(text);
    const error = await refusal();
    expect(error.reason).toBe(reason);
    if (reason === "CONFIG_NOT_COMPILED") {
      const place = { file: "ds.config.ts", line: 1, column: expect.any(Number) };
      expect(error.details.places).toEqual([place]);
    }
    // Its own words are not lost.
    if (reason === "CONFIG_NOT_EVALUATED") expect(error.message).toContain("thrown by the config");
  });

  test.each([
    [`stages: { main: {} }`, "stages.main"],
    [`stages: { "a-local": {} }`, "stages.a-local"],
    [`seed: { command: "x", size: "big" }`, "seed.size"],
  ])("%s", async (text, setting) => {
    write(`export default { project: "p", ${text} };`);
    expect((await refusal()).details.settings).toEqual([setting]);
  });
});
