import type { Operation, Project } from "@neondatabase/api-client";
import { expect, test } from "vitest";
import { connected, sql, type TestBranch, TestProject } from "./support/branches.ts";
import type { TestEngine } from "./support/test-engine.ts";
import { withEngine } from "./support/with-engine.ts";

/** Publications, slots and subscriptions, between branches and to outside. */

let engine: TestEngine;
let project: TestProject;

withEngine(
  (fresh) => {
    ({ engine, project } = fresh);
  },
  { settings: { enable_logical_replication: true } },
);

const walLevel = (uri: string) => sql(uri, "show wal_level");
const ids = async ({ uri }: TestBranch) =>
  (await sql<{ id: number }>(uri, "select id from notes order by id")).map(({ id }) => id);

test("a project that was made with it has it from the start, and cannot lose it", async () => {
  expect(await walLevel(project.main.uri)).toEqual([{ wal_level: "logical" }]);
  const off = { project: { settings: { enable_logical_replication: false } } };
  expect(await project.call(422, "PATCH", "", off)).toMatchObject({
    code: "LOGICAL_REPLICATION_PERMANENT",
  });
});

test("enabled later, it counts from the next start on, and running computes are suspended for it", async () => {
  const later = await TestProject.create(engine);
  await connected(later.main.uri, async (client) => {
    expect((await client.query("show wal_level")).rows).toEqual([{ wal_level: "replica" }]);
    const changed = await later.call<{ project: Project; operations: Operation[] }>(
      200,
      "PATCH",
      "",
      { project: { settings: { enable_logical_replication: true } } },
    );
    expect(changed.project.settings?.enable_logical_replication).toBe(true);
    expect(changed.operations).toMatchObject([
      { action: "suspend_compute", branch_id: later.main.id },
    ]);
  });
  expect(await walLevel(later.main.uri)).toEqual([{ wal_level: "logical" }]);
  await engine.call(200, "DELETE", `/projects/${later.id}`);
});

test("a slot gives changes to outside, and does not stay behind in a branch", async () => {
  const { uri } = project.main;
  await sql(
    uri,
    "create table notes (id int primary key); create publication notes_out for table notes",
  );
  await sql(uri, "select pg_create_logical_replication_slot('outside', 'test_decoding')");
  await sql(uri, "insert into notes values (1)");
  const changes = await sql<{ data: string }>(
    uri,
    "select data from pg_logical_slot_get_changes('outside', null, null)",
  );
  expect(changes.map(({ data }) => data)).toContain("table public.notes: INSERT: id[integer]:1");
  const child = await project.branch("without-slots");
  expect(await sql(child.uri, "select slot_name from pg_replication_slots")).toEqual([]);
  await sql(uri, "select pg_drop_replication_slot('outside')");
});

test("a branch subscribes to another one; a copy of it does not, and takes nothing from it", async () => {
  const { uri } = project.main;
  const target = await project.branch("target");
  const { port, password } = new URL(uri);
  await sql(target.uri, "truncate notes");
  await sql(
    target.uri,
    `create subscription notes_in
     connection 'host=localhost port=${port} user=neondb_owner password=${password} dbname=neondb'
     publication notes_out`,
  );
  await expect.poll(() => ids(target)).toEqual([1]);

  const running = await project.branch("copy-of-running", target);
  await project.suspend(target);
  const sleeping = await project.branch("copy-of-sleeping", target);
  const restored = await project.branch("restored");
  await project.restore(restored, target);
  const copies = [running, sleeping, restored];
  for (const copy of copies) {
    expect(await sql(copy.uri, "select subname from pg_stat_subscription")).toEqual([]);
  }
  await sql(uri, "insert into notes values (2)");
  // Woken by a connection, it goes on where it was.
  await expect.poll(() => ids(target)).toEqual([1, 2]);
  for (const copy of copies) expect(await ids(copy)).toEqual([1]);

  // The copy can subscribe by itself: its server was started again.
  await sql(running.uri, "truncate notes");
  await sql(
    running.uri,
    `create subscription notes_again
     connection 'host=localhost port=${port} user=neondb_owner password=${password} dbname=neondb'
     publication notes_out`,
  );
  await expect.poll(() => ids(running)).toEqual([1, 2]);
  await project.suspend(running);
  await expect.poll(() => ids(running)).toEqual([1, 2]);
  for (const [branch, name] of [
    [target, "notes_in"],
    [running, "notes_again"],
  ] as const) {
    await sql(branch.uri, `drop subscription ${name}`);
  }
});
