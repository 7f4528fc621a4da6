import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sql, type TestBranch, TestProject } from "../support/branches.ts";
import { openTestEngine, type TestEngine } from "../support/test-engine.ts";

/** What a branch is: its parent's rows at the fork, and from then on nobody else's. */

let home: string;
let engine: TestEngine;
let project: TestProject;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "ds-core-"));
  engine = await openTestEngine({ home });
  project = await TestProject.create(engine);
  await sql(project.main.uri, "create table notes (text text)");
});

afterAll(async () => {
  await engine?.stop();
  await rm(home, { recursive: true, force: true });
});

const write = (branch: TestBranch, text: string) =>
  sql(branch.uri, "insert into notes values ($1)", [text]);

const notes = async (branch: TestBranch) =>
  (await sql<{ text: string }>(branch.uri, "select text from notes order by text")).map(
    ({ text }) => text,
  );

test("a child has exactly what its parent had at the fork; neither sees the other's rows", async () => {
  await write(project.main, "before");
  const running = await project.branch("from-running");
  await write(project.main, "main after");
  await write(running, "child");
  expect(await notes(running)).toEqual(["before", "child"]);
  expect(await notes(project.main)).toEqual(["before", "main after"]);

  await project.suspend(project.main);
  const sleeping = await project.branch("from-sleeping");
  expect(await project.isRunning(project.main)).toBe(false);
  await write(project.main, "main later");
  expect(await notes(sleeping)).toEqual(["before", "main after"]);

  const grandchild = await project.branch("grandchild", running);
  await write(running, "child later");
  await write(grandchild, "grandchild");
  expect(await notes(grandchild)).toEqual(["before", "child", "grandchild"]);
  expect(await notes(running)).toEqual(["before", "child", "child later"]);
  for (const branch of [grandchild, sleeping, running]) await project.delete(branch);
});

test("what a transaction has not committed is not in a fork, and goes on in the parent", async () => {
  const { Client } = (await import("pg")).default;
  const client = new Client(project.main.uri);
  await client.connect();
  await client.query("begin");
  await client.query("insert into notes values ('uncommitted')");
  const child = await project.branch("mid-transaction");
  await client.query("commit");
  await client.end();
  expect(await notes(child)).not.toContain("uncommitted");
  expect(await notes(project.main)).toContain("uncommitted");
  await project.delete(child);
});

test("each Postgres knows which branch it is", async () => {
  const child = await project.branch("knows-itself");
  for (const branch of [project.main, child]) {
    const [row] = await sql(
      branch.uri,
      `select current_setting('neon.branch_id') as branch, current_setting('neon.endpoint_id') as endpoint,
              current_setting('neon.project_id') as project`,
    );
    expect(row).toEqual({
      branch: branch.id,
      endpoint: branch.endpointId,
      project: project.id,
    });
  }
  await project.delete(child);
});

test("many forks of one running parent at the same time", async () => {
  const names = Array.from({ length: 14 }, (_, n) => `at-once-${n}`);
  const expected = await notes(project.main);
  const made = await Promise.all(names.map((name) => project.branch(name)));
  expect(new Set(made.map(({ uri }) => new URL(uri).port)).size).toBe(names.length);
  for (const branch of made.slice(0, 3)) expect(await notes(branch)).toEqual(expected);
  for (const branch of made) await project.delete(branch);
});

test("two forks under one name at the same time: one is made, the other refused and gone", async () => {
  const body = { branch: { name: "twice" }, endpoints: [{ type: "read_write" }] };
  const send = () => engine.send("POST", `/projects/${project.id}/branches`, body);
  const answers = await Promise.all([send(), send(), send()]);
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  const twice = (await project.list()).filter(({ name }) => name === "twice");
  expect(twice).toHaveLength(1);
  await project.call(200, "DELETE", `/branches/${twice[0]?.id}`);
  await expect
    .poll(() => readdir(join(home, "data", "pgdata")))
    .toHaveLength((await project.list()).length);
});

test("deletion: not the default, a parent or a protected branch; a leaf, and then all of it is gone", async () => {
  const parent = await project.branch("parent");
  const child = await project.branch("child", parent);
  await sql(child.uri, "select 1");
  expect((await project.delete(parent, 422)).code).toBe("BRANCH_HAS_CHILDREN");
  expect((await project.delete(project.main, 422)).code).toBe("BRANCH_IS_DEFAULT");
  await project.call(200, "PATCH", `/branches/${child.id}`, { branch: { protected: true } });
  expect((await project.delete(child, 422)).code).toBe("BRANCH_PROTECTED");
  await project.call(200, "PATCH", `/branches/${child.id}`, { branch: { protected: false } });
  await project.delete(child);
  await expect(sql(child.uri, "select 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await project.delete(child, 204);
  await project.delete(parent);
  await expect.poll(() => readdir(join(home, "data", "trash"))).toEqual([]);
  // A base for the history of what is left may just be copied there.
  await expect.poll(() => readdir(join(home, "data", "pgdata"))).toHaveLength(1);
});

test("the root stays undeletable when another branch is the default; there is one default", async () => {
  const other = await project.branch("new-default");
  await project.call(200, "POST", `/branches/${other.id}/set_as_default`);
  const defaults = (await project.list()).filter((branch) => branch.default);
  expect(defaults.map(({ id }) => id)).toEqual([other.id]);
  expect((await project.delete(project.main, 422)).code).toBe("BRANCH_HAS_CHILDREN");
  expect((await project.delete(other, 422)).code).toBe("BRANCH_IS_DEFAULT");
  await project.call(200, "POST", `/branches/${project.main.id}/set_as_default`);
  await project.delete(other);
});

test("an address outlives suspend, restart and a restart of the engine, and so do rows and password", async () => {
  const child = await project.branch("stable");
  await write(child, "kept");
  await project.suspend(child);
  expect(await notes(child)).toContain("kept");
  await project.call(200, "POST", `/endpoints/${child.endpointId}/restart`);
  expect(await notes(child)).toContain("kept");

  await engine.stop();
  await expect(sql(child.uri, "select 1")).rejects.toMatchObject({ code: "ECONNREFUSED" });
  engine = await openTestEngine({ home });
  project = new TestProject(engine, project.id, project.main);
  expect(await notes(child)).toContain("kept");
  expect(await project.uriOf(child)).toBe(child.uri);
  expect(engine.log.join("\n")).not.toContain("discarding");
  await project.delete(child);
});

test("an engine that starts while the one before still stops waits for it", async () => {
  const child = await project.branch("handed-over");
  await write(child, "before");
  const before = engine;
  const stopping = before.stop();
  engine = await openTestEngine({ home });
  await stopping;
  project = new TestProject(engine, project.id, project.main);
  expect(await notes(child)).toContain("before");
  // The one that stopped must not have taken the address file of its successor with it.
  expect(await readdir(home)).toContain("engine.json");
  await project.delete(child);
});
