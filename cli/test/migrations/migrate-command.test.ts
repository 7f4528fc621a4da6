import type { Client } from "pg";
import { expect, test } from "vitest";
import type { Program } from "../../../scripts/test-support/program.ts";
import type { MigrateProject } from "../helpers/migrations/migrate-project.ts";
import { withProject } from "../helpers/migrations/migrate-test.ts";
import type { TestFolder } from "../helpers/migrations/migrations-folder.ts";

// The built command, as processes of their own: locks, signals and exit codes are about those.

let project: MigrateProject;
let folder: TestFolder;
let sql: Client;

withProject((fresh) => {
  ({ project, folder, sql } = fresh);
});

const start = (...args: string[]) => project.start("migrate", ...args);
const run = (...args: string[]) => project.run("migrate", ...args);
const json = (...args: string[]) => project.json("migrate", ...args);

async function count(table: string): Promise<number> {
  return (await sql.query(`select count(*)::int as n from ${table}`)).rows[0].n;
}

test("pending: 9 with --check, then applied, then nothing to do", async () => {
  folder.add("0000_a", "create table a (id int);");
  expect(await json("--check")).toMatchObject({
    status: 9,
    document: { status: "pending", applied: [], pending: ["0000_a"], error: { code: "PENDING" } },
  });
  expect(await json()).toMatchObject({
    status: 0,
    document: { status: "applied", applied: ["0000_a"], pending: [] },
  });
  const again = await run();
  expect(again).toMatchObject({ status: 0, stderr: "" });
  expect(again.stdout).toMatch(/^Nothing to do: 1 migration in the folder/);
  expect((await run("--check")).status).toBe(0);
});

test("a failure: 7, the report beside the error, the caret on stderr", async () => {
  folder.add("0000_a", "create table a (id int);").add("0001_b", "select 1;\nselect nope;");
  const { status, document } = await json();
  expect(status).toBe(7);
  expect(document).toMatchObject({
    status: "failed",
    applied: ["0000_a"],
    pending: ["0001_b"],
    late: [],
    edited: [],
    unknown: [],
    warnings: [],
    error: { code: "SQL_FAILED", file: "drizzle/0001_b.sql", line: 2, column: 8, statement: 2 },
    timings: { migrations: { "0000_a": expect.any(Number) } },
  });
  expect((await run()).stderr).toContain("  select nope;\n         ^\n");
});

test("an edited file: 6", async () => {
  folder.add("0000_a", "create table a (id int);");
  await run();
  folder.edit("0000_a.sql", "create table a (id bigint);");
  expect(await json()).toMatchObject({
    status: 6,
    document: {
      edited: ["0000_a"],
      error: { code: "MIGRATION_REFUSED", reason: "MIGRATION_EDITED" },
    },
  });
});

test("a wrong password: 8, one line of reason, no password", async () => {
  folder.add("0000_a", "select 1");
  project.url = project.url.replace(/:[^:@]+@/, ":hunter2@");
  const { status, stdout, stderr } = await run();
  expect(status).toBe(8);
  expect(stderr).toMatch(/^error: [^\n]*password[^\n]*\n/);
  expect(stdout + stderr).not.toContain("hunter2");
});

test("a pooled address: 2", async () => {
  folder.add("0000_a", "select 1");
  project.url = "postgresql://a:b@ep-cool-star-pooler.eu.example.com/d";
  const { status, stderr } = await run();
  expect(status).toBe(2);
  expect(stderr).toContain("ep-cool-star.eu.example.com");
});

test("four processes on a fresh database, two more with a data migration", async () => {
  folder.add("0000_a", "create table a (id int); select pg_sleep(0.3);");
  folder.add("0001_b", "create table b (id int);");
  const first = await Promise.all([run(), json(), run(), json()]);
  expect(first.map(({ status }) => status)).toEqual([0, 0, 0, 0]);
  folder.add("0002_c", "insert into a values (1); select pg_sleep(0.3);");
  const second = await Promise.all([json(), run()]);
  expect(second.map(({ status }) => status)).toEqual([0, 0]);
  expect(await count("a")).toBe(1);
  expect(await count("drizzle.__drizzle_migrations")).toBe(3);
});

test("a migration that gives all locks away: nobody runs it, or the next, a second time", async () => {
  folder.add("0000_a", "create table a (id int);");
  await run();
  const givesAway = "select pg_advisory_unlock_all(); select pg_sleep(0.5);";
  folder.add("0001_b", `insert into a values (1); ${givesAway}`);
  folder.add("0002_c", `insert into a values (2); ${givesAway}`);
  folder.add("0003_d", "insert into a values (3);");
  const both = await Promise.all([json(), json()]);
  expect(both.map(({ status }) => status)).toEqual([0, 0]);
  const applied = both.flatMap(({ document }) => (document as { applied: string[] }).applied);
  expect(applied.sort()).toEqual(["0001_b", "0002_c", "0003_d"]);
  expect(await count("a")).toBe(3);
});

const sleeping =
  "select pid from pg_stat_activity where query like '%pg_sleep(600)%' and pid <> pg_backend_pid()";
const untilItSleeps = (running: Program) =>
  running.reaches("pg_sleep", async () => (await sql.query(sleeping)).rows.length === 1);

test("kill -9 in the middle: the server lets go by itself, and the next run goes on", async () => {
  folder.add("0000_a", "create table a (id int);");
  folder.add("0001_b", "create table b (id int); select pg_sleep(600);");
  const running = start();
  await untilItSleeps(running);
  running.child.kill("SIGKILL");
  await running.ended;
  folder.edit("0001_b.sql", "create table b (id int);");
  expect(await json()).toMatchObject({ status: 0, document: { applied: ["0001_b"] } });
});

test("Ctrl-C in the middle: 130, rolled back, and it says so", async () => {
  folder.add("0000_a", "create table a (id int);");
  folder.add("0001_b", "create table b (id int); select pg_sleep(600);");
  const running = start();
  await untilItSleeps(running);
  running.child.kill("SIGINT");
  const { status, stderr } = await running.ended;
  expect(status).toBe(130);
  expect(stderr).toContain(
    "error: Interrupted; 0001_b was rolled back; committed before it: 0000_a.\n",
  );
  expect((await sql.query("select to_regclass('b') as b")).rows).toEqual([{ b: null }]);
});
