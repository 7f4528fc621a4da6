import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PullRequests } from "./pull-requests/pull-requests.ts";
import { type ActionRun, readAction, runAction } from "./pull-requests/run-action.ts";

// action.yml: its steps run in bash with an event's file, against the stand-in of GitHub's API and a real engine.

const root = fileURLToPath(new URL("../../../", import.meta.url));
const action = readAction(join(root, "action.yml"));
const pulumi = fileURLToPath(new URL("../stand-ins/pulumi.mjs", import.meta.url));

const pulls = new PullRequests(`{ project: "shop", infra: { folder: "infra" } }`);
const { hub, project } = pulls;
const own = "alter table items add column priority int;";

beforeAll(async () => {
  mkdirSync(join(project.make().path, "infra"));
  project.write("infra/Pulumi.yaml", "name: shop-stage\nruntime: nodejs\n");
  mkdirSync(join(project.folder, "bin"));
  mkdirSync(join(project.folder, "state"));
  symlinkSync(pulumi, join(project.folder, "bin", "pulumi"));
  await pulls.start({
    "0000_base": "create table items (id int primary key); insert into items values (1);",
  });
  pulls.push(7, "feature", { "0001_priority": own });
});
afterAll(() => pulls.stop());

/** A job on the head of a pull request that uses the action. */
async function use(
  number: number,
  inputs: Record<string, string>,
  { token = "write" as "write" | "read", version = "own" as "own" | "action" } = {},
): Promise<ActionRun & { summary: string }> {
  const { folder, env } = pulls.checkout(number, token);
  if (version === "own") {
    mkdirSync(join(folder, "node_modules", ".bin"), { recursive: true });
    symlinkSync(join(root, "cli/bin/ds.js"), join(folder, "node_modules/.bin/ds"));
  }
  const { GITHUB_TOKEN: githubToken = "", ...job } = env;
  const run = await runAction(action, {
    inputs: { "neon-api-host": "", "pulumi-access-token": "pul-for-up-and-down", ...inputs },
    github: {
      token: githubToken,
      action_path: root.replace(/\/$/, ""),
      event_name: "pull_request",
      repository: hub.repository,
      event: JSON.parse(readFileSync(env.GITHUB_EVENT_PATH ?? "", "utf8")),
    },
    env: {
      ...job,
      PATH: `${join(project.folder, "bin")}:${process.env.PATH}`,
      PULUMI_HOME: join(project.folder, "pulumi-home"),
      PULUMI_BACKEND_URL: `file://${join(project.folder, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "test",
    },
    cwd: folder,
    scratch: join(folder, ".."),
  });
  const summary = readFileSync(env.GITHUB_STEP_SUMMARY ?? "", { encoding: "utf8", flag: "a+" });
  return { ...run, summary };
}

const names = (run: ActionRun) => run.steps.map(({ name }) => name);

test("up: the stage and its comment, with the stage's address; down: both are gone", async () => {
  const up = await use(7, { command: "up" });
  expect(up.status, up.log).toBe(0);
  expect(up.outputs).toMatchObject({
    stage: "ci-pr-7",
    secret: "/ds/shop/ci-pr-7/database",
    "preview-url": "https://ci-pr-7.preview.example.com",
    "comment-url": hub.comments.get(7)?.[0]?.html_url,
  });
  const [body = ""] = hub.bodies(7);
  expect(body).toContain("Preview: <https://ci-pr-7.preview.example.com/>");
  expect(body).toContain("Stage `ci-pr-7`, branch `dev-ci-pr-7`.");
  expect(body).toContain("**1 pending migration** on `main`");

  const down = await use(7, { command: "down" });
  expect(down.status, down.log).toBe(0);
  expect(names(down).slice(-2)).toEqual(["ds deploy down", "Remove the comment"]);
  expect(hub.bodies(7)).toEqual([]);
});

test("up that fails at a migration: the comment says why all the same, and the job fails", async () => {
  pulls.push(8, "broken", { "0001_broken": "alter table items add column id int;" });
  const up = await use(8, { command: "up" });
  expect(up.status, up.log).toBe(7);
  expect(hub.bodies(8)[0]).toContain("the rehearsal failed");
  const down = await use(8, { command: "down" });
  expect(down.status, down.log).toBe(0);
  expect(hub.bodies(8)).toEqual([]);
});

test("a fork's pull request: nothing is deployed, and the summary says what can be said", async () => {
  pulls.push(9, "main", { "0001_fork": own }, { fork: "mallory/shop" });
  const up = await use(9, { command: "up" }, { token: "read" });
  expect(up.status, up.log).toBe(0);
  expect(names(up)).not.toContain("ds deploy up");
  expect(up.summary).toContain("**1 pending migration** on `main`");
  const down = await use(9, { command: "down" }, { token: "read" });
  expect(down.status, down.log).toBe(0);
  expect(names(down)).not.toContain("ds deploy down");
});

test("comment: 'false' leaves GitHub alone", async () => {
  hub.requests.length = 0;
  const up = await use(7, { command: "up", comment: "false" });
  expect(up.status, up.log).toBe(0);
  expect(await use(7, { command: "down", comment: "false" })).toMatchObject({ status: 0 });
  expect(hub.requests).toEqual([]);
});

test("check: a finding fails the job, and nothing else is run", async () => {
  const fine = await use(7, { command: "check" });
  expect(fine.status, fine.log).toBe(0);
  pulls.push(10, "dangerous", { "0001_drop": "drop table items;" });
  const checked = await use(10, { command: "check" });
  expect(checked.status, checked.log).toBe(9);
  expect(checked.log).toMatch(/^::error file=drizzle\/0001_drop.sql,line=1/m);
  expect(names(checked).slice(-1)).toEqual(["ds db check"]);
});

test("reconcile", async () => {
  const run = await use(7, { command: "reconcile" });
  expect(run.status, run.log).toBe(0);
  expect(names(run).slice(-1)).toEqual(["ds db audit --reconcile"]);
});

test("another command is refused before anything is prepared", async () => {
  const run = await use(7, { command: "up; echo planted" });
  expect(run.status).toBe(2);
  expect(names(run)).toEqual(["Look at the inputs"]);
  expect(run.log).not.toMatch(/^planted/m);
});

test("a project that has ds itself gets its own, another one this action's", async () => {
  const { steps } = action.runs;
  const prepare = { ...action, runs: { using: "composite", steps: steps.slice(0, 3) } };
  const folder = join(project.folder, "elsewhere");
  mkdirSync(join(folder, "action"), { recursive: true });
  writeFileSync(join(folder, "action", "ds"), "#!/bin/sh\necho of-the-action\n", { mode: 0o755 });
  const job = {
    inputs: { command: "check" },
    github: { action_path: join(folder, "action") },
    env: { PATH: process.env.PATH },
    cwd: folder,
    scratch: folder,
  };
  expect((await runAction(prepare, job)).log).toContain("of-the-action");
  mkdirSync(join(folder, "node_modules", ".bin"), { recursive: true });
  writeFileSync(join(folder, "node_modules/.bin/ds"), "#!/bin/sh\necho own\n", { mode: 0o755 });
  expect((await runAction(prepare, job)).log).toContain("own");
});

describe("secrets and versions", () => {
  const { steps } = action.runs;
  const having = (variable: string) =>
    steps.filter(({ env }) => env !== undefined && variable in env).map(({ name }) => name);

  test("are in the environment of those steps alone that need them", () => {
    const database = [
      "ds deploy up",
      "ds deploy comment",
      "ds deploy down",
      "ds db check",
      "ds db audit --reconcile",
    ];
    expect(having("NEON_API_KEY")).toEqual(database);
    expect(having("GITHUB_TOKEN")).toEqual(["ds deploy comment", "Remove the comment"]);
    expect(having("PULUMI_ACCESS_TOKEN")).toEqual([
      "ds deploy up",
      "ds deploy down",
      "ds db audit --reconcile",
    ]);
  });

  test("no input and nothing of an event is a part of a shell command", () => {
    for (const { run = "" } of steps) expect(run).not.toContain("${{");
  });

  test("other actions are pinned to a commit, here and in the workflows", () => {
    const workflows = join(root, ".github/workflows");
    const files = [
      join(root, "action.yml"),
      ...readdirSync(workflows).map((name) => join(workflows, name)),
    ];
    const uses = files.flatMap((file) =>
      [...readFileSync(file, "utf8").matchAll(/uses: (\S+)(.*)/g)].map(
        ([, what = "", tag = ""]) => ({ what, tag }),
      ),
    );
    expect(uses.length).toBeGreaterThan(8);
    for (const { what, tag } of uses) {
      if (what === "./") continue;
      expect(what).toMatch(/^[\w-]+\/[\w-]+@[0-9a-f]{40}$/);
      expect(tag).toMatch(/^ # v\d+\.\d+\.\d+$/);
    }
  });
});
