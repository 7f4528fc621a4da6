import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { handOnHome, seedHome } from "../../../scripts/seeded-home.mjs";
import { ds, startDs } from "../helpers/command.ts";
import { withScratchFolder } from "../helpers/scratch.ts";

// Whose project, whose data: repositories that agree in name, on one engine, with the built command.

const scratch = withScratchFolder();
const at = (...parts: string[]) => join(scratch.path, ...parts);
const env: Record<string, string> = {};
const bindings = () => at("home", "bindings.json");
const run = (folder: string, args: string[], more: Record<string, string> = {}) =>
  ds(at(folder), args, { ...env, ...more });

const git = (folder: string, ...args: string[]) =>
  execFileSync("git", ["-c", "user.name=x", "-c", "user.email=x", ...args], {
    cwd: at(folder),
    stdio: "pipe",
  });

interface Made {
  /** Name in package.json. */
  packageName?: string;
  /** Name in ds.config.ts. */
  project?: string;
  /** false: no git. */
  remote?: string | false;
}

/** A project with one migration. */
function make(folder: string, { packageName, project, remote }: Made = {}): string {
  mkdirSync(at(folder, "drizzle", "meta"), { recursive: true });
  const write = (file: string, text: string) => writeFileSync(at(folder, file), text);
  write("drizzle/0000_words.sql", "create table words (word text not null);");
  const entries = [{ idx: 0, version: "7", when: 1_760_000_000_000, tag: "0000_words" }];
  const journal = { version: "7", dialect: "postgresql", entries };
  write("drizzle/meta/_journal.json", JSON.stringify(journal));
  if (packageName) write("package.json", JSON.stringify({ name: packageName }));
  if (project) write("ds.config.ts", `export default { project: "${project}" };\n`);
  if (remote !== false) {
    git(folder, "init", "--quiet");
    git(folder, "add", ".");
    git(folder, "commit", "--quiet", `--message=${folder}`);
    if (remote) git(folder, "remote", "add", "origin", remote);
  }
  return folder;
}

const setUp = (folder: string, ...args: string[]) =>
  run(folder, ["setup", "--developer", "phil", "--json", ...args]);

/** Set up, or thrown with what it says. */
async function ready(folder: string, ...args: string[]) {
  const { status, stdout, stderr } = await setUp(folder, ...args);
  if (status !== 0) throw new Error(`${status}: ${stdout}${stderr}`);
  return JSON.parse(stdout) as { project: { id: string; name: string; created: boolean } };
}

async function words<T>(folder: string, statement: string): Promise<T[]> {
  const url = parseEnv(readFileSync(at(folder, ".env"), "utf8")).DATABASE_URL;
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(statement)).rows as T[];
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  env.DS_HOME = at("home");
  seedHome(at("home"));
  expect(await ds(scratch.path, ["engine", "start"], env)).toMatchObject({ status: 0 });
});

afterAll(async () => {
  await ds(scratch.path, ["engine", "stop"], env);
  handOnHome(at("home"));
});

describe("two repositories whose configurations give one name", () => {
  let id = "";
  beforeAll(async () => {
    make("one", { project: "shop", remote: "git@github.com:acme/one.git" });
    make("two", { project: "shop", remote: "git@github.com:acme/two.git" });
    id = (await ready("one")).project.id;
    await words("one", "insert into words values ('mine')");
  });

  test.each([
    [["setup", "--developer", "phil"]],
    [["db", "status"]],
    [["db", "reset", "--yes"]],
    [["db", "migrate"]],
    [["db", "url"]],
    [["db", "branches"]],
    [["db", "create", "x"]],
    [["db", "delete", "dev-phil-local", "--yes"]],
    [["db", "undo", "--yes"]],
    [["db", "restore", "--at", "1s", "--yes"]],
    [["db", "url", "--branch", "main"]],
    [["db", "audit", "--plain"]],
    [["deploy", "up", "--pr", "1"]],
    [["deploy", "down", "--pr", "1", "--yes"]],
    [["deploy", "list"]],
  ])("the second is refused, and nothing is changed: ds %j", async (args) => {
    const { status, stdout } = await run("two", [...args, "--json"], {
      DEVSTRIDE_STAGE: "phil-local",
    });
    expect({ status, ...JSON.parse(stdout).error }).toMatchObject({
      status: 6,
      code: "REFUSED",
      reason: "PROJECT_OF_OTHER_REPOSITORY",
      hint: expect.stringContaining(`ds setup --project ${id}`),
    });
    expect(() => readFileSync(at("two", ".env"))).toThrow();
    expect(await words("one", "select word from words")).toEqual([{ word: "mine" }]);
  });

  test("the doctor names it", async () => {
    const { status, stdout } = await run("two", ["doctor", "--json"]);
    expect(status).toBe(6);
    const report = JSON.parse(stdout);
    const checks = new Map(report.checks.map((each: { check: string }) => [each.check, each]));
    expect(checks.get("project")).toMatchObject({ health: "problem", code: "REFUSED" });
    expect(checks.get("branch")).toMatchObject({ health: "skipped" });
  });

  test("with another name it gets its own; with --project it joins", async () => {
    make("three", { project: "shop", remote: "git@github.com:acme/three.git" });
    writeFileSync(at("two", "ds.config.ts"), `export default { project: "shop-two" };\n`);
    expect((await ready("two")).project).toMatchObject({ name: "shop-two", created: true });
    expect((await ready("three", "--project", id)).project).toMatchObject({ id, created: false });
    const { stdout } = await run("three", ["db", "status", "--json"]);
    expect(JSON.parse(stdout).project).toMatchObject({
      id,
      binding: { by: "remote", repository: "github.com/acme/three" },
    });
    expect(await words("three", "select word from words")).toEqual([{ word: "mine" }]);
  });

  test("--project of an id that is not there", async () => {
    const { status, stdout } = await setUp("one", "--project", "no-such-12345678");
    expect({ status, ...JSON.parse(stdout).error }).toMatchObject({
      status: 4,
      reason: "PROJECT_NOT_FOUND",
    });
  });

  test("a clone and a worktree of the first are the first", async () => {
    execFileSync("git", ["clone", "--quiet", at("one"), at("clone")]);
    git("one", "worktree", "add", "--quiet", at("tree"));
    for (const folder of ["clone", "tree"]) {
      expect((await ready(folder)).project).toMatchObject({ id, created: false });
    }
  });

  test("a renamed remote is asked for once", async () => {
    git("one", "remote", "set-url", "origin", "git@github.com:acme/renamed.git");
    const refused = await run("one", ["db", "status", "--json"]);
    expect(refused.status).toBe(6);
    expect(JSON.parse(refused.stdout).error).toMatchObject({ reason: "REPOSITORY_CHANGED" });
    await ready("one", "--project", id);
    expect(await run("one", ["db", "status"])).toMatchObject({ status: 0 });
    git("one", "remote", "set-url", "origin", "git@github.com:acme/one.git");
    expect(await run("one", ["db", "status"])).toMatchObject({ status: 0 });
  });

  test("where the id is given, no binding is needed: in ds.config.ts, or by NEON_PROJECT_ID", async () => {
    make("by-id", { project: id });
    const status = await run("by-id", ["db", "branches", "--json"]);
    expect(JSON.parse(status.stdout).project).toMatchObject({ id });
    make("in-ci", { project: "shop" });
    const shown = await ds(scratch.path, ["engine", "env", "--json"], env);
    const elsewhere = {
      ...JSON.parse(shown.stdout),
      DS_HOME: at("other-home"),
      NEON_PROJECT_ID: id,
    };
    const inCi = await run("in-ci", ["db", "branches", "--json"], elsewhere);
    expect(JSON.parse(inCi.stdout).project).toMatchObject({ id });
    const byName = await run("in-ci", ["db", "branches", "--json"], {
      ...elsewhere,
      NEON_PROJECT_ID: "",
    });
    expect(JSON.parse(byName.stdout).error).toMatchObject({ reason: "PROJECT_NOT_BOUND" });
    // Left in a shell from work on the first one.
    const leftOver = await run("in-ci", ["db", "branches", "--json"], { ...elsewhere, ...env });
    expect(JSON.parse(leftOver.stdout).error).toMatchObject({
      reason: "PROJECT_OF_OTHER_REPOSITORY",
    });
  });
});

describe("repositories of one template, without a remote", () => {
  let id = "";
  beforeAll(async () => {
    make("template", { packageName: "starter" });
    for (const folder of ["begun", "begun-too"]) {
      execFileSync("git", ["clone", "--quiet", at("template"), at(folder)]);
      git(folder, "remote", "remove", "origin");
    }
    id = (await ready("begun")).project.id;
    await words("begun", "insert into words values ('mine')");
    cpSync(at("begun"), at("begun-copy"), { recursive: true });
  });

  test.each([
    ["begun-too", ["setup", "--developer", "phil"]],
    ["begun-too", ["db", "reset", "--yes"]],
    ["begun-copy", ["db", "reset", "--yes"]],
    ["begun-copy", ["db", "status"]],
  ])("another one is refused, also a copy: %s, ds %j", async (folder, args) => {
    const { status, stdout } = await run(folder, [...args, "--json"], {
      DEVSTRIDE_STAGE: "phil-local",
    });
    expect({ status, ...JSON.parse(stdout).error }).toMatchObject({
      status: 6,
      reason: "PROJECT_OF_OTHER_REPOSITORY",
      hint: expect.stringMatching(`ds setup --project ${id}.*ds init --project`),
    });
    expect(await words("begun", "select word from words")).toEqual([{ word: "mine" }]);
  });

  test("its clone and its worktree are it; so is it itself where it was moved to", async () => {
    execFileSync("git", ["clone", "--quiet", at("begun"), at("begun-clone")]);
    git("begun", "worktree", "add", "--quiet", at("begun-tree"));
    for (const folder of ["begun-clone", "begun-tree"]) {
      expect((await ready(folder)).project).toMatchObject({ id, created: false });
    }
    renameSync(at("begun"), at("moved"));
    expect((await ready("moved")).project).toMatchObject({ id, created: false });
    expect((await setUp("begun-too")).status).toBe(6);
    renameSync(at("begun-too"), at("begun"));
    expect((await setUp("begun")).status).toBe(6);
  });

  test("with --project, or another name, it goes on", async () => {
    expect((await ready("begun", "--project", id)).project).toMatchObject({ id });
    writeFileSync(at("begun-copy", "ds.config.ts"), `export default { project: "copy" };\n`);
    expect((await ready("begun-copy")).project).toMatchObject({ name: "copy", created: true });
    expect((await ready("moved")).project).toMatchObject({ id });
  });
});

describe("names that are not given", () => {
  test("two folders of one repository with one package name do not share a project", async () => {
    make("mono");
    for (const part of ["a", "b"]) make(`mono/${part}`, { packageName: "data", remote: false });
    expect((await ready("mono/a")).project.created).toBe(true);
    const { status, stdout } = await setUp("mono/b");
    expect(status).toBe(6);
    expect(JSON.parse(stdout).error.unbound).toEqual({ why: "other-part", part: "a" });
  });

  test("a first commit, or a remote, after the set-up changes nothing", async () => {
    make("late/db", { remote: false });
    const { id } = (await ready("late/db")).project;
    git("late/db", "init", "--quiet");
    expect((await ready("late/db")).project.id).toBe(id);
    git("late/db", "commit", "--quiet", "--allow-empty", "--message=first");
    expect((await ready("late/db")).project.id).toBe(id);
    git("late/db", "remote", "add", "origin", "https://github.com/acme/late");
    expect((await ready("late/db")).project.id).toBe(id);
    execFileSync("git", ["clone", "--quiet", at("late/db"), at("late/clone")]);
    make("late/clone", { remote: false });
    expect((await ready("late/clone")).project.id).toBe(id);
  });
});

describe("a home that is older than bindings", () => {
  let old = "";
  /** As it was: no bindings, and the name's last part as the project's. */
  async function grow(folder: string, name: string) {
    const { project } = await ready(folder);
    const { stdout } = await ds(scratch.path, ["engine", "env", "--json"], env);
    const { NEON_API_HOST, NEON_API_KEY } = JSON.parse(stdout);
    await fetch(`${NEON_API_HOST}/projects/${project.id}`, {
      method: "PATCH",
      headers: { authorization: `Bearer ${NEON_API_KEY}`, "content-type": "application/json" },
      body: JSON.stringify({ project: { name } }),
    });
    return project.id;
  }
  beforeEach(() => rmSync(bindings(), { force: true }));

  test("the one repository that its env file shows has it silently, also for its clones", async () => {
    make("old/api", { packageName: "@old/api" });
    old = await grow("old/api", "api");
    rmSync(bindings());
    const status = await run("old/api", ["db", "status", "--json"]);
    expect(JSON.parse(status.stdout).project).toMatchObject({ id: old, name: "api" });
    expect(JSON.parse(readFileSync(bindings(), "utf8")).bindings).toMatchObject([
      { project: old, name: "api" },
    ]);
    rmSync(bindings());
    execFileSync("git", ["clone", "--quiet", at("old/api"), at("old/clone")]);
    expect((await ready("old/clone")).project).toMatchObject({ id: old, created: false });
    rmSync(bindings());
    rmSync(at("old/clone/.env"));
    expect((await ready("old/clone")).project).toMatchObject({ id: old, created: false });
  });

  test("another repository with that last part gets its own", async () => {
    make("new/api", { packageName: "@new/api" });
    expect((await ready("new/api")).project).toMatchObject({ name: "new-api", created: true });
  });

  test("two that share it already are told so, both", async () => {
    make("shared/api", { project: "api" });
    writeFileSync(at("shared/api", ".env"), readFileSync(at("old/api", ".env")));
    const settings = JSON.parse(readFileSync(at("home", "user.json"), "utf8"));
    settings.checkouts[at("shared/api")] = { developer: "phil" };
    writeFileSync(at("home", "user.json"), JSON.stringify(settings));
    for (const folder of ["old/api", "shared/api"]) {
      const { status, stdout } = await run(folder, ["db", "reset", "--yes", "--json"]);
      expect({ status, ...JSON.parse(stdout).error }).toMatchObject({
        status: 6,
        reason: "PROJECT_SHARED",
      });
    }
    await ready("old/api", "--project", old);
    const { stdout } = await setUp("shared/api");
    expect(JSON.parse(stdout).error).toMatchObject({ reason: "PROJECT_OF_OTHER_REPOSITORY" });
  });
});

test("two set-ups of one name at once, of two repositories: one has it, the other is refused", async () => {
  for (const name of ["left", "right"]) make(name, { project: "race" });
  const ended = await Promise.all(["left", "right"].map((folder) => setUp(folder)));
  expect(ended.map(({ status }) => status).sort()).toEqual([0, 6]);
});

test("killed at any moment: the next set-up has the project, and no other repository", async () => {
  make("killed", { project: "killed" });
  const moments = ["Creating the project", "Preparing main", "Creating the branch"];
  for (const moment of moments) {
    const setup = startDs(at("killed"), ["setup", "--developer", "phil"], env);
    // What an earlier one has done is not done again.
    await setup.says(moment).catch(() => {});
    setup.child.kill("SIGKILL");
    await setup.ended;
    JSON.parse(readFileSync(bindings(), "utf8"));
  }
  expect((await ready("killed")).project.name).toBe("killed");
  make("thief", { project: "killed" });
  expect((await setUp("thief")).status).toBe(6);
});

test("a damaged bindings.json stops everything, and says what to do", async () => {
  const kept = `${bindings()}.kept`;
  renameSync(bindings(), kept);
  for (const text of ["", "{}", "null", `{"bindings":[{}]}`, `{"bindings":`]) {
    writeFileSync(bindings(), text);
    const { status, stdout } = await run("one", ["db", "status", "--json"]);
    expect({ status, ...JSON.parse(stdout).error }).toMatchObject({
      status: 3,
      reason: "BINDINGS_UNREADABLE",
    });
  }
  renameSync(kept, bindings());
});
