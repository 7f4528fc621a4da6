import { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DsProject } from "../../helpers/ds-project.ts";

// `ds db diff --migration` by its command line: the built command on a real engine.

const project = new DsProject(`{ project: "shop" }`);
const migration = (...args: string[]) => project.run(["db", "diff", "--migration", ...args]);

async function query(sql: string, url = project.url): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const urlOf = async (branch: string) =>
  (await project.run(["db", "url", "--target", branch])).stdout.trim();

async function branches(): Promise<string[]> {
  const { stdout } = await project.run(["db", "branches", "--json"]);
  return JSON.parse(stdout).branches.map(({ name }: { name: string }) => name);
}

async function failure(...args: string[]) {
  const { stdout } = await migration(...args, "--json");
  return JSON.parse(stdout).error;
}

beforeAll(async () => {
  project.migrations.add(
    "0000_shop",
    `create type mood as enum ('sad', 'ok');
     create table items (id int primary key, label text, mood mood);
     create view labels as select id, label from items;
     insert into items select n, 'item ' || n, 'ok' from generate_series(1, 20) n`,
  );
  const setup = await project.run(["setup", "--developer", "pat"]);
  expect(setup.status, setup.stderr).toBe(0);
  expect((await project.run(["db", "create", "other"])).status).toBe(0);
});
afterAll(() => project.remove());

test("what does not go together is refused", async () => {
  for (const args of [["--data"], ["--sql"], ["--limit", "3"], ["--full"], ["one", "two"]]) {
    expect(await failure(...args), args.join(" ")).toMatchObject({ code: "USAGE" });
  }
  const { stdout } = await project.run(["db", "diff", "--no-prove", "--json"]);
  expect(JSON.parse(stdout).error).toMatchObject({ code: "USAGE" });
  expect(await failure("--against", "nobody")).toMatchObject({ reason: "BRANCH_NOT_FOUND" });
});

test("no difference, and none of a branch to itself", async () => {
  for (const args of [[], ["--target", "main"], ["--against", "dev-pat-local"]]) {
    const { stdout, status } = await migration(...args);
    expect({ status, isComment: /^-- .*Nothing to do\.\n$/.test(stdout) }).toEqual({
      status: 0,
      isComment: true,
    });
  }
});

test("it is tried on a copy, which is gone; applied to the other side it leaves no difference", async () => {
  await query(
    `drop view labels; alter table items alter id type bigint, add done boolean not null default false, drop mood;
     create view labels as select id, label || '!' as label from items where done`,
  );
  const { stdout, stderr, status } = await migration("--against", "other");
  expect(status, stderr).toBe(0);
  expect(stderr).toContain("Trying the statements on a copy of other");
  expect(stdout).toMatch(/^-- Makes the schema of other that of dev-pat-local\n/);
  expect(stdout).toContain("-- drops data: column items.mood");
  expect((await branches()).filter((name) => name.startsWith("schema-check"))).toEqual([]);
  const url = await urlOf("other");
  const [before] = await query("select count(*) from labels", url);
  expect(before).toEqual({ count: "20" });
  const [first = "", rest = ""] = stdout.split(/^BEGIN;$/m);
  await query(first, url);
  await query(`BEGIN;${rest}`, url);
  const left = JSON.parse((await migration("--against", "other", "--json")).stdout);
  expect(left).toMatchObject({ equal: true, proven: false, remarks: [] });
});

test("what fails on rows of the other side is not printed, but with --no-prove", async () => {
  await query(
    "alter table items add needed int; update items set needed = id; alter table items alter needed set not null",
  );
  const { stdout, status, stderr } = await migration();
  expect({ stdout, status }).toEqual({ stdout: "", status: 7 });
  expect(stderr).toContain('column "needed" of relation "items" contains null values');
  expect(await failure()).toMatchObject({ code: "SQL_FAILED", reason: "MIGRATION_UNPROVEN" });
  expect((await branches()).filter((name) => name.startsWith("schema-check"))).toEqual([]);
  const unproven = await migration("--no-prove");
  expect(unproven.status).toBe(0);
  expect(unproven.stdout).toContain("-- fails where items has rows: its new column needed");
  const document = JSON.parse((await migration("--no-prove", "--json")).stdout);
  expect(document).toMatchObject({ equal: false, proven: false });
  expect(document.sql).toBe(unproven.stdout);
});

test("what cannot be expressed is refused by its name, and nothing is printed", async () => {
  await query("create table parts (id int) partition by range (id)");
  await query("create table parts (id int) partition by list (id)", await urlOf("other"));
  const { stdout, status, stderr } = await migration("--against", "other");
  expect({ stdout, status }).toEqual({ stdout: "", status: 6 });
  expect(stderr).toContain("table parts: how it is partitioned");
  expect(await failure("--against", "other")).toMatchObject({
    reason: "SCHEMA_NOT_EXPRESSIBLE",
    refused: ["table parts: how it is partitioned"],
  });
  await query("drop table parts");
});

test("kill -9 in the middle leaves a copy that the next run removes", async () => {
  await query(
    "create function slow() returns int language plpgsql immutable as $$ begin perform pg_sleep(600); return 1; end $$; alter table items drop needed",
  );
  await query("create materialized view sleeps as select slow() from items with no data");
  // Only a view with rows is refreshed.
  await query(
    "create or replace function slow() returns int language sql immutable as 'select 1'; refresh materialized view sleeps; create or replace function slow() returns int language plpgsql immutable as $$ begin perform pg_sleep(600); return 1; end $$",
  );
  const running = project.start(["db", "diff", "--migration"]);
  const copies = async () => (await branches()).filter((name) => name.startsWith("schema-check"));
  await running.reaches("its copy", async () => (await copies()).length === 1, { everyMs: 100 });
  running.child.kill("SIGKILL");
  await running.ended;
  expect(await copies()).toHaveLength(1);
  await query("drop materialized view sleeps; drop function slow");
  const next = await migration();
  expect(next.status, next.stderr).toBe(0);
  expect(next.stderr).toContain("left by a run that was killed");
  expect(await copies()).toEqual([]);
});
