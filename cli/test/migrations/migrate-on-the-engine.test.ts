import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connectPostgres } from "../../src/postgres/io/connect.ts";
import { DsProject } from "../helpers/ds-project.ts";

const project = new DsProject(`{ project: "shop" }`);

beforeAll(async () => {
  project.migrations.add("0000_a", "create table a (id int);");
  const setup = await project.run(["setup", "--developer", "pat"]);
  expect(setup.status, setup.stderr).toBe(0);
});
afterAll(() => project.remove());

async function api(method: string, path: string, body?: object): Promise<void> {
  const { url } = JSON.parse(readFileSync(join(project.home, "engine.json"), "utf8"));
  const key = readFileSync(join(project.home, "api-key"), "utf8").trim();
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    ...(body && { body: JSON.stringify(body) }),
  });
  expect(answer.ok).toBe(true);
}

async function status() {
  const ended = await project.run(["db", "status", "--json"]);
  expect(ended.status, ended.stderr).toBe(0);
  return JSON.parse(ended.stdout);
}

async function rename(from: string, to: string): Promise<void> {
  const { project: at, branch } = await status();
  expect(branch.name).toBe(from);
  await api("PATCH", `/projects/${at.id}/branches/${branch.id}`, { branch: { name: to } });
}

async function suspend(): Promise<void> {
  const { project: at, endpoint } = await status();
  await api("POST", `/projects/${at.id}/endpoints/${endpoint.id}/suspend`);
}

test("a look at the ledger before the answers are in counts only for the branch that they name", async () => {
  const migrate = async () => JSON.parse((await project.run(["db", "migrate", "--json"])).stdout);
  await migrate();
  // Nothing to do, and seen without a connection.
  expect(await migrate()).toMatchObject({ status: "up-to-date", timings: { connectMs: 0 } });
  project.migrations.add("0002_late_look", "create table late_look (id int);");
  expect(await migrate()).toMatchObject({ applied: ["0002_late_look"] });
  expect(await migrate()).toMatchObject({ status: "up-to-date", timings: { connectMs: 0 } });

  // What was asked last time is about a branch that lives on, with nothing to do, under another name.
  await rename("dev-pat-local", "dev-pat-other");
  expect((await project.run(["db", "create", "dev-pat-local"])).status).toBe(0);
  const applied = await migrate();
  expect(applied).toMatchObject({ status: "applied" });
  expect(applied.applied).toContain("0002_late_look");
});

test("a ledger that somebody has locked: who it is, after as long as one is willing to wait", async () => {
  await project.run(["setup"]);
  expect((await project.run(["db", "migrate"])).status).toBe(0);
  const holder = await connectPostgres(project.url, {
    what: "the test",
    applicationName: "holder",
  });
  try {
    await holder.query("begin; lock table drizzle.__drizzle_migrations in access exclusive mode");
    const refused = await project.run(["db", "migrate", "--wait", "1s"]);
    expect(refused.status, refused.stderr).toBe(5);
    expect(refused.stderr).toContain("holder");
  } finally {
    await holder.end();
  }
  expect((await project.run(["db", "migrate"])).status).toBe(0);
});

test("what was remembered of the migrations is not said of the data that an undo brought back", async () => {
  project.migrations.add("0003_undone", "create table undone (id int);");
  expect((await project.run(["db", "migrate"])).status).toBe(0);
  expect((await status()).migrations.applied).toContain("0003_undone");
  const undo = await project.run(["db", "undo", "--yes"]);
  expect(undo.status, undo.stderr).toBe(0);
  expect((await status()).migrations?.applied ?? []).not.toContain("0003_undone");
});

test("a migration that was carried out in part, also while the branch sleeps", async () => {
  expect((await project.run(["db", "migrate"])).status).toBe(0);
  project.migrations.add("0004_begun", "create table begun (id int);\nvacuum begun;\nselect nope;");
  expect((await project.run(["db", "migrate"])).status).toBe(7);
  const begun = [{ migration: "0004_begun", committedStatements: 2 }];
  expect((await status()).migrations).toMatchObject({ pending: ["0004_begun"], begun });
  await suspend();
  expect(await status()).toMatchObject({ endpoint: { state: "idle" }, migrations: { begun } });
  expect((await project.run(["db", "status"])).stdout).toContain(
    "1 pending (0004_begun (begun: its first 2 statements are committed))",
  );
  project.migrations.edit("0004_begun.sql", "create table begun (id bigint);\nvacuum begun;");
  expect((await status()).migrations.begun).toEqual([
    { migration: "0004_begun", committedStatements: null },
  ]);
  project.migrations.edit("0004_begun.sql", "create table begun (id int);\nvacuum begun;");
  expect((await project.run(["db", "migrate"])).status).toBe(0);
  expect((await status()).migrations.begun).toEqual([]);
});

test("a journal with a merge conflict: status shows the rest of the branch, awake and asleep", async () => {
  const journal = join(project.path, "drizzle/meta/_journal.json");
  const whole = readFileSync(journal, "utf8");
  const problem = "drizzle/meta/_journal.json:1 holds a conflict marker of a git merge";
  project.migrations.edit("meta/_journal.json", `<<<<<<< HEAD\n${whole}`);
  const broken = {
    endpoint: { state: "active" },
    migrations: null,
    migrationsProblem: problem,
    envFile: { pointsHere: true },
  };
  expect(await status()).toMatchObject(broken);
  expect((await project.run(["db", "status"])).stdout).toContain(`not known: ${problem}\n`);
  await suspend();
  expect(await status()).toMatchObject({ ...broken, endpoint: { state: "idle" } });
  project.migrations.edit("meta/_journal.json", whole);
  expect(await status()).toMatchObject({ migrations: { pending: [] }, migrationsProblem: null });
});
