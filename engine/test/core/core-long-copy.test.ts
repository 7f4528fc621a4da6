import { readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { seedHome } from "../../../scripts/seeded-home.mjs";
import { Daemon } from "../../../scripts/test-support/daemon.ts";
import { whileFrozen } from "../../src/storage/io/freeze.ts";
import { sql, type TestBranch, TestProject } from "../support/branches.ts";
import { makeFolder } from "../support/folder.ts";
import { operationsOver } from "../support/operations.ts";
import { postgresOf } from "../support/postgres-processes.ts";

/**
 * Copies that are made in the background, here all of them. They stand still while their source does, which is how
 * these tests look at what is under way.
 */

interface Made {
  branch: { id: string; name: string; current_state: string; pending_state?: string };
  endpoints: { id: string; current_state: string }[];
  operations: { id: string; project_id: string; action: string; status: string }[];
  connection_uris: { connection_uri: string }[];
}

let folder: string;
let home: string;
let engine: Daemon;
let project: TestProject;

beforeAll(async () => {
  process.env.DS_LONG_COPY = "0";
  folder = makeFolder();
  home = join(folder, "home");
  seedHome(home);
  engine = await Daemon.start(home);
});

afterAll(async () => {
  delete process.env.DS_LONG_COPY;
  await engine?.stop();
  expect(postgresOf(home)).toEqual([]);
  rmSync(folder, { recursive: true });
});

beforeEach(async () => {
  if (project) await project.call(200, "DELETE", "");
  // Without a past there is one copy less.
  project = await TestProject.create(engine, { history_retention_seconds: 0 });
  await sql(project.main.uri, "create table marks (text text)");
  await sql(project.main.uri, "insert into marks values ('main')");
});

const create = (name: string) =>
  project.call<Made>(201, "POST", "/branches", {
    branch: { name },
    endpoints: [{ type: "read_write" }],
  });

const uriOf = (made: Made) => made.connection_uris[0]?.connection_uri ?? "";

const marksOf = async (uri: string) =>
  (await sql<{ text: string }>(uri, "select text from marks order by 1")).map(({ text }) => text);

const dataDirs = () => readdirSync(join(home, "data", "pgdata"));

/** Runs `begin`, and `work` while the copies stand still that it has begun; main's is the only server that runs before. */
async function duringCopies<T>(
  count: number,
  begin: () => Promise<T>,
  work: (begun: T, server: number) => Promise<unknown>,
): Promise<T> {
  const server = postgresOf(home)[0]?.pid ?? 0;
  const before = dataDirs().length;
  const begun = await begin();
  while (dataDirs().length < before + count) await nextTurn();
  await whileFrozen(server, async () => {
    await work(begun, server);
  });
  return begun;
}

async function expectNothingLeft(branches: number, snapshots = 0): Promise<void> {
  await expect.poll(() => dataDirs().length).toBe(branches + snapshots);
  await expect.poll(() => readdirSync(join(home, "data", "trash"))).toEqual([]);
  expect(readdirSync(join(home, "data", "quarantine"))).toEqual([]);
  expect(await project.list()).toHaveLength(branches);
}

test("a creation is answered when it has begun; changes are refused meanwhile, and connections wait", async () => {
  let reading: Promise<string[]> | undefined;
  const made = await duringCopies(
    1,
    () => create("long"),
    async (made) => {
      const { id } = made.branch;
      expect(made.branch).toMatchObject({ current_state: "init", pending_state: "ready" });
      expect(made.endpoints).toMatchObject([{ current_state: "init" }]);
      expect(made.operations).toMatchObject([
        { action: "create_branch", status: "running" },
        { action: "start_compute", status: "running" },
      ]);
      reading = marksOf(uriOf(made));
      const branch = { branch: { current_state: "init", pending_state: "ready" } };
      expect(await project.call(200, "GET", `/branches/${id}`)).toMatchObject(branch);
      expect(await project.list()).toHaveLength(2);
      const running = { operation: { status: "running" } };
      const { id: operation } = made.operations[0] ?? { id: "" };
      expect(await project.call(200, "GET", `/operations/${operation}`)).toMatchObject(running);

      const at = `/branches/${id}`;
      const endpoint = `/endpoints/${made.endpoints[0]?.id}`;
      const refused: [string, string, unknown?][] = [
        ["DELETE", at],
        ["PATCH", at, { branch: { name: "other" } }],
        ["POST", `${at}/set_as_default`],
        ["POST", `${at}/restore`, { source_branch_id: project.main.id }],
        ["POST", `${at}/roles`, { role: { name: "anna" } }],
        ["POST", "/branches", { branch: { parent_id: id } }],
        ["POST", `${endpoint}/start`],
        ["DELETE", ""],
      ];
      for (const [method, path, body] of refused) {
        const answer = await project.call<{ code: string }>(423, method, path, body);
        expect(answer.code, `${method} ${path}`).toBe("CONFLICTING_OPERATIONS");
      }
    },
  );
  const { id } = made.branch;
  expect(await reading).toEqual(["main"]);
  const over = await operationsOver(engine, made.operations);
  expect(over).toMatchObject([{ status: "finished" }, { status: "finished" }]);
  expect(await project.call(200, "GET", `/branches/${id}`)).toMatchObject({
    branch: { current_state: "ready" },
  });
  await project.call(200, "PATCH", `/branches/${id}`, { branch: { name: "renamed" } });
  await project.call(200, "DELETE", `/branches/${id}`);
  await expectNothingLeft(1);
});

test("a creation that fails leaves nothing, and says why to whoever waits", async () => {
  let reading: Promise<unknown> | undefined;
  const made = await duringCopies(
    1,
    () => create("short-lived"),
    async (begun, server) => {
      reading = marksOf(uriOf(begun)).catch(({ message }) => message);
      // The proxy has it.
      await project.list();
      process.kill(server, "SIGKILL");
    },
  );
  const [operation] = await operationsOver(engine, made.operations);
  expect(operation).toMatchObject({ status: "failed", error: expect.stringMatching(/./) });
  expect(await reading).toMatch(/^creating the branch short-lived failed: /);
  await project.call(404, "GET", `/branches/${made.branch.id}`);
  await expectNothingLeft(1);
  expect(await marksOf(project.main.uri)).toEqual(["main"]);
  // The name is free again.
  const again = await create("short-lived");
  await operationsOver(engine, again.operations);
  expect(await marksOf(uriOf(again))).toEqual(["main"]);
});

const restore = (branch: TestBranch, source: TestBranch) =>
  project.call<Made>(200, "POST", `/branches/${branch.id}/restore`, {
    source_branch_id: source.id,
    preserve_under_name: `${branch.name}-before`,
  });

async function branchWithMark(name: string): Promise<TestBranch> {
  const branch = await project.branch(name);
  await sql(branch.uri, "insert into marks values ($1)", [name]);
  await project.suspend(branch);
  return branch;
}

test("a restore is answered when it has begun: whoever connects then gets the new state", async () => {
  const branch = await branchWithMark("mine");
  let reading: Promise<string[]> | undefined;
  await duringCopies(
    1,
    () => restore(branch, project.main),
    async (made) => {
      expect(made.branch).toMatchObject({ current_state: "init", pending_state: "ready" });
      expect(made.operations).toMatchObject([{ action: "create_timeline", status: "running" }]);
      reading = marksOf(branch.uri);
      await project.call(423, "DELETE", `/branches/${branch.id}`);
    },
  );
  expect(await reading).toEqual(["main"]);
  expect((await project.list()).map(({ name }) => name).sort()).toEqual([
    "main",
    "mine",
    "mine-before",
  ]);
  await expectNothingLeft(3);
});

test("a restore that fails leaves the branch as it was", async () => {
  const branch = await branchWithMark("mine");
  const made = await duringCopies(
    1,
    () => restore(branch, project.main),
    async (_, server) => process.kill(server, "SIGKILL"),
  );
  expect(await operationsOver(engine, made.operations)).toMatchObject([{ status: "failed" }]);
  expect(await marksOf(branch.uri)).toEqual(["main", "mine"]);
  await expectNothingLeft(2);
  await operationsOver(engine, (await restore(branch, project.main)).operations);
  expect(await marksOf(branch.uri)).toEqual(["main"]);
});

interface Snapshot {
  snapshot: { id: string };
}

const restoreSnapshot = (id: string, wanted: object) =>
  project.call<Made>(200, "POST", `/snapshots/${id}/restore`, wanted);

test("a snapshot that takes main's place: whoever connects after the answer gets its data", async () => {
  const path = `/branches/${project.main.id}/snapshot`;
  const { snapshot } = await project.call<Snapshot>(200, "POST", path);
  await sql(project.main.uri, "insert into marks values ('later')");
  const server = postgresOf(home)[0]?.pid ?? 0;
  const made = await restoreSnapshot(snapshot.id, { finalize_restore: true });
  let reading: Promise<string[]> | undefined;
  // Main's server is stopped before another takes its place.
  await whileFrozen(server, async () => {
    expect(made.branch).toMatchObject({ current_state: "init", pending_state: "ready" });
    reading = marksOf(project.main.uri);
    await project.call(423, "DELETE", `/branches/${made.branch.id}`);
    await project.call(423, "PATCH", `/branches/${project.main.id}`, { branch: { name: "x" } });
  });
  expect(await reading).toEqual(["main"]);
  expect(await operationsOver(engine, made.operations)).toMatchObject([{ status: "finished" }]);
  await expectNothingLeft(2, 1);
});

test("a snapshot that cannot be copied leaves no branch", async () => {
  const before = dataDirs();
  const path = `/branches/${project.main.id}/snapshot`;
  const { snapshot } = await project.call<Snapshot>(200, "POST", path);
  const dataDir = dataDirs().find((name) => !before.includes(name)) ?? "";
  const [lies, away] = [join(home, "data", "pgdata", dataDir), join(folder, "away")];
  renameSync(lies, away);
  const made = await restoreSnapshot(snapshot.id, {});
  expect(await operationsOver(engine, made.operations)).toMatchObject([{ status: "failed" }]);
  renameSync(away, lies);
  await project.call(404, "GET", `/branches/${made.branch.id}`);
  await expectNothingLeft(1, 1);
});

test("an engine that is killed meanwhile takes both back at its next start", async () => {
  const branch = await branchWithMark("mine");
  // One copy after the other: the second waits for its turn.
  const operations: Made["operations"] = [];
  const creation = await duringCopies(
    1,
    async () => {
      const made = await create("long");
      const restored = await restore(branch, project.main);
      operations.push(...made.operations, ...restored.operations);
      return made;
    },
    () => engine.kill(),
  );
  engine = await Daemon.start(home);
  project = new TestProject(engine, project.id, project.main);

  for (const operation of await operationsOver(engine, operations)) {
    expect(operation).toMatchObject({
      status: "failed",
      error: expect.stringMatching(/^the engine ended before/),
    });
  }
  await project.call(404, "GET", `/branches/${creation.branch.id}`);
  expect(await marksOf(branch.uri)).toEqual(["main", "mine"]);
  expect(await marksOf(project.main.uri)).toEqual(["main"]);
  await expectNothingLeft(2);
});
