import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Program } from "../../scripts/test-support/program.ts";
import { ds } from "./helpers/command.ts";
import { makeProject as makeProjectIn, type TestProject } from "./helpers/project.ts";
import { withScratchFolder } from "./helpers/scratch.ts";

// The first set-up of a project, killed, doubled and failing, on a real engine.

const scratch = withScratchFolder();
const env = { DS_HOME: join(scratch.path, "home") };
const makeProject = (name: string) => makeProjectIn(scratch.path, name, env);

interface Named {
  id: string;
  name: string;
}

async function api<Answer>(path: string, request: RequestInit = {}): Promise<Answer> {
  const { stdout } = await ds(scratch.path, ["engine", "env", "--json"], env);
  const { NEON_API_HOST, NEON_API_KEY } = JSON.parse(stdout);
  const headers = { authorization: `Bearer ${NEON_API_KEY}`, "content-type": "application/json" };
  const answer = await fetch(`${NEON_API_HOST}${path}`, { ...request, headers });
  expect(answer.ok).toBe(true);
  return (await answer.json()) as Answer;
}

const allProjects = async () => (await api<{ projects: Named[] }>("/projects")).projects;

/** Names of all projects of the engine. */
const projects = async () => (await allProjects()).map(({ name }) => name);

async function renameProject(from: string, to: string): Promise<void> {
  const id = (await allProjects()).find(({ name }) => name === from)?.id;
  const body = JSON.stringify({ project: { name: to } });
  await api(`/projects/${id}`, { method: "PATCH", body });
}

/** Waits until the seed has begun, which is when a first set-up is half done. */
const seeding = (project: TestProject, setup: Program) =>
  setup.reaches("its seed", () => existsSync(project.file("runs")));

beforeAll(async () => {
  expect(await ds(scratch.path, ["engine", "start"], env)).toMatchObject({ status: 0 });
});

afterAll(async () => {
  await ds(scratch.path, ["engine", "stop"], env);
});

describe("first set-up", () => {
  test("killed half way: the next one begins anew, and the data is there once", async () => {
    const project = makeProject("killed");
    project.flag("hold", true);
    const first = project.start("setup", "--developer", "phil");
    await seeding(project, first);
    expect(await projects()).toEqual([expect.stringMatching(/^killed \(setting up [0-9a-f-]+\)$/)]);
    first.child.kill("SIGKILL");
    await first.ended;
    project.flag("hold", false);
    expect(existsSync(project.envFile)).toBe(false);

    const second = await project.run("setup", "--developer", "phil", "--json");
    expect(second).toMatchObject({ status: 0 });
    expect(JSON.parse(second.stdout)).toMatchObject({
      stage: "phil-local",
      project: { name: "killed", created: true },
      branch: { name: "dev-phil-local", created: true },
      changed: true,
    });
    expect(await projects()).toEqual(["killed"]);
    expect(await project.words()).toEqual(["small"]);
  });

  test("a project that the API makes only after its set-up was killed is gone as well", async () => {
    const project = makeProject("late");
    project.flag("hold", true);
    const first = project.start("setup", "--developer", "phil");
    await seeding(project, first);
    first.child.kill("SIGKILL");
    await first.ended;
    const [late = ""] = (await projects()).filter((name) => name.startsWith("late"));
    await renameProject(late, "not yet made");

    rmSync(project.file("runs"));
    const second = project.start("setup", "--developer", "phil");
    await seeding(project, second);
    await renameProject("not yet made", late);
    project.flag("hold", false);
    expect(await second.ended).toMatchObject({ status: 0 });
    expect((await projects()).filter((name) => /^(late|not yet)/.test(name))).toEqual(["late"]);
  });

  test("again: nothing is written, and it says so", async () => {
    const project = makeProject("again");
    expect(await project.run("setup", "--developer", "phil", "--seed-size", "huge")).toMatchObject({
      status: 0,
    });
    expect(await project.words()).toEqual(["huge"]);
    const before = statSync(project.envFile);
    const again = await project.run("setup", "--json");
    expect(JSON.parse(again.stdout)).toMatchObject({ developer: "phil", changed: false });
    expect(statSync(project.envFile)).toMatchObject({ ino: before.ino, mtimeMs: before.mtimeMs });
    expect(readFileSync(project.file("runs"), "utf8")).toBe("x");
  });

  test("git would track the env file: it is added to .gitignore before a password is in it", async () => {
    const project = makeProject("untracked");
    rmSync(project.file(".git"), { recursive: true });
    execFileSync("git", ["init", "--quiet", project.file(".")]);
    writeFileSync(project.file(".gitignore"), "node_modules\r\ndist", { mode: 0o644 });
    const { stdout, stderr } = await project.run("setup", "--developer", "phil", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ gitignore: ".gitignore", changed: true });
    expect(stderr).toMatch(/Added \.env to \.gitignore[\s\S]*Wrote DATABASE_URL/);
    expect(readFileSync(project.file(".gitignore"), "utf8")).toBe(
      "node_modules\r\ndist\r\n/.env\r\n",
    );
    expect(statSync(project.file(".gitignore")).mode & 0o777).toBe(0o644);
    const again = await project.run("setup", "--json");
    expect(JSON.parse(again.stdout)).toMatchObject({ gitignore: null, changed: false });
  });

  test("the env file is a link: what it leads to is added to the .gitignore beside that", async () => {
    const project = makeProject("linked");
    rmSync(project.file(".git"), { recursive: true });
    execFileSync("git", ["init", "--quiet", project.file(".")]);
    writeFileSync(project.file(".gitignore"), ".env\n");
    mkdirSync(project.file("conf"));
    writeFileSync(project.file("conf/real"), "A=1\n");
    symlinkSync("conf/real", project.file(".env"));
    const { stdout, stderr } = await project.run("setup", "--developer", "phil", "--json");
    expect(JSON.parse(stdout)).toMatchObject({ gitignore: "conf/.gitignore", changed: true });
    expect(stderr).toMatch(/Added real to conf\/\.gitignore[\s\S]*Wrote DATABASE_URL/);
    expect(readFileSync(project.file("conf/.gitignore"), "utf8")).toBe("/real\n");
    expect(readFileSync(project.file("conf/real"), "utf8")).toMatch(/^A=1\nDATABASE_URL=/);
  });

  test.each([
    [
      "git has what the env file leads to",
      "ENV_FILE_TRACKED",
      6,
      (at: string) => {
        mkdirSync(join(at, "conf"));
        writeFileSync(join(at, "conf", "real"), "A=1\n");
        writeFileSync(join(at, ".gitignore"), ".env\n");
        execFileSync("git", ["add", "conf/real"], { cwd: at });
        symlinkSync("conf/real", join(at, ".env"));
      },
    ],
    [
      "git has the env file",
      "ENV_FILE_TRACKED",
      6,
      (at: string) => {
        writeFileSync(join(at, ".env"), "A=1\n");
        execFileSync("git", ["add", ".env"], { cwd: at });
      },
    ],
    [
      "the env file is not UTF-8",
      "ENV_FILE_NOT_UTF8",
      3,
      (at: string) => writeFileSync(join(at, ".env"), Buffer.from("N=caf\xe9\n", "latin1")),
    ],
    [
      ".gitignore is a folder",
      "NOT_A_REGULAR_FILE",
      3,
      (at: string) => mkdirSync(join(at, ".gitignore")),
    ],
  ])("%s: refused before anything is made", async (what, reason, status, spoil) => {
    const project = makeProject(`spoiled-${what.toLowerCase().replace(/[^a-z]+/g, "-")}`);
    rmSync(project.file(".git"), { recursive: true });
    execFileSync("git", ["init", "--quiet", project.file(".")]);
    spoil(project.file("."));
    const before = await projects();
    const refused = await project.run("setup", "--developer", "phil", "--json");
    expect({ status: refused.status, ...JSON.parse(refused.stdout).error }).toMatchObject({
      status,
      reason,
    });
    expect(await projects()).toEqual(before);
  });

  test("two at once: one waits, the seed runs once, both have their branch", async () => {
    const project = makeProject("doubled");
    project.flag("hold", true);
    const one = project.start("setup", "--developer", "one", "--json");
    await seeding(project, one);
    const two = project.start("setup", "--developer", "two", "--json");
    await two.says("waiting for it");
    project.flag("hold", false);
    const results = await Promise.all([one.ended, two.ended]);
    expect(results.map(({ status }) => status)).toEqual([0, 0]);
    expect(results.map(({ stdout }) => JSON.parse(stdout).branch.name)).toEqual([
      "dev-one-local",
      "dev-two-local",
    ]);
    expect(readFileSync(project.file("runs"), "utf8")).toBe("x");
    expect((await projects()).filter((name) => name.startsWith("doubled"))).toEqual(["doubled"]);
  });

  test("a seed that fails: what it said, exit 8, and nothing is left of the project", async () => {
    const project = makeProject("failing");
    project.flag("fail", true);
    const { status, stderr, stdout } = await project.run("setup", "--developer", "phil", "--json");
    expect(status).toBe(8);
    const { error } = JSON.parse(stdout);
    expect(error).toMatchObject({ code: "UPSTREAM", reason: "SEED_FAILED", status: 3 });
    for (const said of [error.message, stderr]) expect(said).toContain("seed: no such luck");
    expect(existsSync(project.envFile)).toBe(false);
    expect((await projects()).filter((name) => name.startsWith("failing"))).toEqual([]);
    project.flag("fail", false);
    expect(await project.run("setup", "--developer", "phil")).toMatchObject({ status: 0 });
    expect(await project.words()).toEqual(["small"]);
  });

  test("Ctrl-C: exit 130, the seed is ended, and nothing is left of the project", async () => {
    const project = makeProject("interrupted");
    project.flag("hold", true);
    const run = project.start("setup", "--developer", "phil");
    await seeding(project, run);
    run.child.kill("SIGINT");
    const { status, stderr } = await run.ended;
    expect(status).toBe(130);
    expect(stderr).toMatch(/^error: Interrupted; nothing was changed\.$/m);
    expect((await projects()).filter((name) => name.startsWith("interrupted"))).toEqual([]);
    expect(existsSync(project.envFile)).toBe(false);
  });

  test("interrupted in its migrations: set-up is the way on, as the project is gone", async () => {
    const project = makeProject("migrating");
    const journal = JSON.parse(readFileSync(project.file("drizzle/meta/_journal.json"), "utf8"));
    const [first] = journal.entries;
    journal.entries.push({ ...first, idx: 1, when: first.when + 1, tag: "0001_long" });
    writeFileSync(project.file("drizzle/meta/_journal.json"), JSON.stringify(journal));
    writeFileSync(project.file("drizzle/0001_long.sql"), "select pg_sleep(60);");
    const run = project.start("setup", "--developer", "phil", "--json");
    await run.says("✓ 0000_words");
    run.child.kill("SIGINT");
    const { status, stdout, stderr } = await run.ended;
    expect(status, stderr).toBe(130);
    const { error } = JSON.parse(stdout);
    expect(error).toMatchObject({ code: "INTERRUPTED", outcome: "unchanged" });
    expect(error.hint).toBe("`ds setup` begins anew");
    expect((await projects()).filter((name) => name.startsWith("migrating"))).toEqual([]);
  });

  test("another tool's migrations fail: what they did is removed, and nothing else is said", async () => {
    const project = makeProject("tool");
    const config = `{ project: "tool", migrations: { command: "exit 4" } }`;
    writeFileSync(project.file("ds.config.ts"), `export default ${config};\n`);
    const { stdout, stderr } = await project.run("setup", "--developer", "phil", "--json");
    expect(JSON.parse(stdout).error).toMatchObject({ reason: "MIGRATION_COMMAND_FAILED" });
    expect(stderr).toContain("What was made so far is removed again.");
    expect(stderr).not.toContain("stays");
  });

  test("what can be refused is refused before anything is made", async () => {
    const project = makeProject("refused");
    const before = await projects();
    for (const [args, status] of [
      [["--developer", "../etc"], 2],
      [["--developer", "phil", "--seed-size", "1; rm -rf /"], 2],
    ] as const) {
      expect(await project.run("setup", ...args)).toMatchObject({ status, stdout: "" });
    }
    mkdirSync(project.envFile);
    expect(await project.run("setup", "--developer", "phil")).toMatchObject({ status: 3 });
    expect(await projects()).toEqual(before);
  });
});
