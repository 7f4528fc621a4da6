import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createNeonClient } from "@neon/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connected, sql, type TestBranch, TestProject } from "./support/branches.ts";
import { openTestEngine, type TestEngine } from "./support/test-engine.ts";

/** A snapshot keeps a moment; restored from it, a branch can take another's place and address. */

interface Snapshot {
  id: string;
  name: string;
  expires_at?: string;
  source_branch_id: string;
  manual: boolean;
}

interface Restored {
  branch: { id: string; name: string; default: boolean; restored_from: string };
  endpoints: { id: string }[];
  code: string;
}

let home: string;
let engine: TestEngine;
let project: TestProject;

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "ds-snap-"));
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

const texts = async ({ uri }: { uri: string }) =>
  (await sql<{ text: string }>(uri, "select text from notes order by text")).map(
    ({ text }) => text,
  );

const servedBy = async ({ uri }: { uri: string }) =>
  (await sql<{ id: string }>(uri, "select current_setting('neon.branch_id') as id"))[0]?.id;

async function take(branch: TestBranch, query = ""): Promise<Snapshot> {
  const path = `/branches/${branch.id}/snapshot${query}`;
  return (await project.call<{ snapshot: Snapshot }>(200, "POST", path)).snapshot;
}

const list = async () =>
  (await project.call<{ snapshots: Snapshot[] }>(200, "GET", "/snapshots")).snapshots;

const restore = (snapshot: Snapshot, body: object = {}, status = 200) =>
  project.call<Restored>(status, "POST", `/snapshots/${snapshot.id}/restore`, body);

const byName = async (name: string) => (await project.list()).find((b) => b.name === name);

test("taken, listed, renamed, deleted; then nothing of it is on disk", async () => {
  // The base that main's history begins with is copied there, too, before it moves on.
  const pgdata = () => readdir(join(home, "data", "pgdata"));
  let before: string[] = [];
  await expect
    .poll(async () => {
      before = await pgdata();
      return before;
    })
    .toHaveLength(1);
  const snapshot = await take(project.main, "?name=first");
  expect(snapshot).toMatchObject({
    name: "first",
    source_branch_id: project.main.id,
    manual: true,
  });
  expect(await list()).toEqual([snapshot]);
  const path = `/snapshots/${snapshot.id}`;
  const later = new Date(Date.now() + 86_400_000).toISOString();
  await project.call(200, "PATCH", path, { snapshot: { name: "renamed", expires_at: later } });
  expect(await list()).toMatchObject([{ name: "renamed", expires_at: later }]);
  await project.call(200, "PATCH", path, { snapshot: { expires_at: null } });
  expect((await list())[0]).not.toHaveProperty("expires_at");
  await project.call(202, "DELETE", path);
  await project.call(404, "DELETE", path);
  await project.call(404, "PATCH", path, { snapshot: { name: "x" } });
  expect(await list()).toEqual([]);
  await expect.poll(pgdata).toEqual(before);
});

test("a preview has the snapshot's rows at an address of its own; finalized, it takes the target's place", async () => {
  const { main } = project;
  await write(main, "kept");
  const snapshot = await take(main, "?name=nightly");
  await write(main, "mistake");
  const { branch, endpoints } = await restore(snapshot, { name: "preview" });
  expect(branch).toMatchObject({ name: "preview", default: false, restored_from: snapshot.id });
  expect(endpoints).toHaveLength(1);
  const preview = { ...main, id: branch.id, endpointId: endpoints[0]?.id ?? "" };
  const uri = await project.uriOf(preview);
  expect(await texts({ uri })).toEqual(["kept"]);
  expect(await texts(main)).toEqual(["kept", "mistake"]);

  // A client that connects again and again sees a pause and other rows, never an error.
  let isOver = false;
  const client = (async () => {
    while (!isOver) {
      await connected(main.uri, (c) => c.query("select 1")).catch((error: Error) => {
        // A session that was open as the server stopped.
        if (!/terminat/.test(error.message)) throw error;
      });
      await sleep(5);
    }
  })();
  const path = `/branches/${branch.id}/finalize_restore`;
  const answer = await project.call<{ operations: unknown[] }>(200, "POST", path, { name: "old" });
  expect(answer.operations).toHaveLength(1);
  expect(await texts(main)).toEqual(["kept"]);
  isOver = true;
  await client;
  expect(await servedBy(main)).toBe(branch.id);
  expect(await byName("main")).toMatchObject({ id: branch.id, default: true });
  expect(await byName("old")).toMatchObject({ id: main.id, default: false });
  // The state before is reachable where the preview was.
  expect(await texts({ uri })).toEqual(["kept", "mistake"]);
  expect(await project.call(422, "POST", path)).toMatchObject({
    code: "RESTORE_ALREADY_FINALIZED",
  });
  expect(await project.uriOf({ ...main, id: branch.id })).toBe(main.uri);

  await project.call(200, "DELETE", `/branches/${main.id}`);
  project = new TestProject(engine, project.id, { ...main, id: branch.id });
  await project.call(202, "DELETE", `/snapshots/${snapshot.id}`);
});

test("restored into another branch and finalized at once; refusals", async () => {
  const target = await project.branch("target");
  await write(target, "target's own");
  const snapshot = await take(project.main);
  await project.call(200, "PATCH", `/branches/${target.id}`, { branch: { protected: true } });
  const wish = { target_branch_id: target.id, finalize_restore: true };
  expect((await restore(snapshot, wish, 422)).code).toBe("BRANCH_PROTECTED");
  await project.call(200, "PATCH", `/branches/${target.id}`, { branch: { protected: false } });
  await restore(snapshot, { target_branch_id: "br-not-there-12345678" }, 404);
  await restore(snapshot, { name: "main" }, 409);
  expect(await project.call(422, "POST", `/branches/${target.id}/finalize_restore`)).toMatchObject({
    code: "BRANCH_NOT_FROM_SNAPSHOT",
  });
  await project.call(
    400,
    "POST",
    `/branches/${target.id}/snapshot?expires_at=2020-01-01T00:00:00Z`,
  );
  await project.call(404, "POST", "/snapshots/snap-not-there-12345678/restore");

  const { branch } = await restore(snapshot, wish);
  expect(branch.name).toBe("target");
  expect(await servedBy(target)).toBe(branch.id);
  expect(await texts(target)).not.toContain("target's own");
  await project.call(202, "DELETE", `/snapshots/${snapshot.id}`);
});

test("of a moment of the past; of a branch that is gone since", async () => {
  const gone = await project.branch("gone");
  await write(gone, "then");
  // A time in whole milliseconds could be earlier than the commit just made.
  await sleep(5);
  const moment = new Date().toISOString();
  await sleep(5);
  await write(gone, "later");
  const snapshot = await take(gone, `?timestamp=${moment}`);
  await project.delete(gone);
  const { branch, endpoints } = await restore(snapshot, { name: "back", finalize_restore: true });
  const uri = await project.uriOf({ ...gone, id: branch.id, endpointId: endpoints[0]?.id ?? "" });
  expect(await texts({ uri })).toContain("then");
  expect(await texts({ uri })).not.toContain("later");
  await project.call(202, "DELETE", `/snapshots/${snapshot.id}`);
});

test("outlives the engine; goes at its time, and with its project", async () => {
  await write(project.main, "in snapshot");
  const kept = await take(project.main, "?name=kept");
  const soon = new Date(Date.now() + 300).toISOString();
  await take(project.main, `?name=brief&expires_at=${soon}`);
  // An engine looks for what has expired as often as its branches' timeouts ask for.
  await project.call(200, "PATCH", `/endpoints/${project.main.endpointId}`, {
    endpoint: { suspend_timeout_seconds: 2 },
  });
  await engine.stop();
  engine = await openTestEngine({ home });
  project = new TestProject(engine, project.id, project.main);
  await expect
    .poll(async () => (await list()).map(({ name }) => name), { timeout: 20_000 })
    .toEqual(["kept"]);
  const { branch, endpoints } = await restore(kept, { name: "after restart" });
  const at = { ...project.main, id: branch.id, endpointId: endpoints[0]?.id ?? "" };
  expect(await texts({ uri: await project.uriOf(at) })).toContain("in snapshot");
  expect(engine.log.join("\n")).not.toContain("missing");
});

test("the SDK's snapshots, and schedules", async () => {
  const neon = createNeonClient({ apiKey: engine.apiKey, baseUrl: engine.url, throwOnError: true });
  const [projectId, branchId] = [project.id, project.main.id];
  const made = await neon.snapshots.create({ projectId, branchId, name: "by sdk" });
  const wish = { projectId, snapshotId: made.id, targetBranchId: branchId };
  const preview = await neon.snapshots.restore({ ...wish, preview: () => false });
  expect((await project.list()).some(({ id }) => id === preview.id)).toBe(false);
  await neon.snapshots.delete({ projectId, snapshotId: made.id });

  const schedule = [{ frequency: "daily" as const, hour: 3, retention_seconds: 3600 }];
  await neon.snapshots.setSchedule({ projectId, branchId, schedule });
  expect(await neon.snapshots.getSchedule({ projectId, branchId })).toEqual({ schedule });
  const path = `/branches/${branchId}/backup_schedule`;
  await project.call(400, "PUT", path, { schedule: [{ frequency: "often" }] });
  await project.call(200, "PUT", path, { schedule: [] });

  await project.call(200, "DELETE", "");
  await expect.poll(() => readdir(join(home, "data", "pgdata"))).toEqual([]);
  await expect.poll(() => readdir(join(home, "data", "history"))).toEqual([]);
});
