// More than 300 lines: its cases share one server, whose start takes longer than any of them.

import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate as drizzleMigrate } from "drizzle-orm/node-postgres/migrator";
import type { Client } from "pg";
import { describe, expect, test } from "vitest";
import { slow } from "../../../scripts/test-support/limits.ts";
import { connectPostgres } from "../../src/postgres/io/connect.ts";
import type { MigrateProject } from "../helpers/migrations/migrate-project.ts";
import { column as columnOf, withProject } from "../helpers/migrations/migrate-test.ts";
import type { TestFolder } from "../helpers/migrations/migrations-folder.ts";

// The cases that a team runs into, with the built command. Each asks for --json somewhere: exactly one
// document on stdout, whatever happens.

let project: MigrateProject;
let folder: TestFolder;
let sql: Client;

withProject((fresh) => {
  ({ project, folder, sql } = fresh);
});

const column = (query: string) => columnOf(sql, query);
const ledger = async () =>
  (await sql.query("select * from drizzle.__drizzle_migrations order by id")).rows;
const validIndexes = () =>
  column(
    "select c.relname::text from pg_index i join pg_class c on c.oid = indexrelid where indisvalid and indrelid = 'a'::regclass order by 1",
  );

describe("migrate", () => {
  test("an older one, merged later: applied with a warning, and 0.45 finds nothing to do", async () => {
    folder.add("0000_a", "create table a (id int);").add("0002_c", "create table c (id int);");
    expect((await project.json("migrate")).status).toBe(0);
    folder.add("0001_b", "create table b (id int);");
    expect(await project.json("migrate")).toMatchObject({
      status: 0,
      document: { applied: ["0001_b"], warnings: [expect.stringContaining("0001_b")] },
      stderr: expect.stringContaining("warning: 0001_b"),
    });
    await drizzleMigrate(drizzle(sql), { migrationsFolder: folder.path });
    expect(await ledger()).toHaveLength(3);
  });

  test("two of three fails at its third statement", async () => {
    folder.add("0000_a", "create table a (id int);");
    folder.add(
      "0001_b",
      "create table b (id int);\nselect 1;\n  insert into nope values (1);\nselect 2;",
    );
    folder.add("0002_c", "create table c (id int);");
    const { status, document } = await project.json("migrate");
    expect(status).toBe(7);
    expect(document).toMatchObject({
      status: "failed",
      applied: ["0000_a"],
      pending: ["0001_b", "0002_c"],
      error: {
        ...{ code: "SQL_FAILED", file: "drizzle/0001_b.sql", migration: "0001_b" },
        ...{ line: 3, column: 15, statement: 3, statements: 4 },
      },
    });
    expect(await column("select to_regclass('b')")).toEqual([null]);
  });

  test("an index concurrently, without a header; and a new value of an enum for the next file", async () => {
    folder.add("0000_a", "create table a (id int); create type t as enum ('x');");
    folder.add("0001_b", "create index concurrently a_id on a (id);");
    folder.add("0002_c", "alter type t add value 'y';");
    folder.add("0003_d", "create table d (t t default 'y'); insert into d default values;");
    expect(await project.json("migrate")).toMatchObject({
      status: 0,
      document: { status: "applied", applied: ["0000_a", "0001_b", "0002_c", "0003_d"] },
    });
    expect(await validIndexes()).toEqual(["a_id"]);
    expect(await project.json("migrate")).toMatchObject({
      status: 0,
      document: { status: "up-to-date" },
    });
  });

  test("kill -9 in a concurrent build; the next run goes on and the index is valid", async () => {
    await sql.query("create table a (id int)");
    folder.add(
      "0000_a",
      "create table b (id int);\ncreate index concurrently a_id on a (id);\ncreate table c (id int);",
    );
    const holder = await connectPostgres(project.url, { what: "the test" });
    await holder.query("begin; insert into a values (1)");
    const running = project.start("migrate");
    const building =
      "select 1 from pg_index i join pg_class c on c.oid = indexrelid where relname = 'a_id'";
    await running.reaches("the build", async () => (await column(building)).length === 1);
    running.child.kill("SIGKILL");
    await running.ended;
    expect(await validIndexes()).toEqual([]);
    await holder.query("rollback");
    await holder.end();
    expect(await project.json("migrate")).toMatchObject({
      status: 0,
      document: { applied: ["0000_a"] },
    });
    expect(await validIndexes()).toEqual(["a_id"]);
    expect(await column("select to_regclass('c')::text")).toEqual(["c"]);
  });

  test("an idle transaction holds the table: 5, it is named, and readers are not held up", async () => {
    await sql.query("create table a (id int)");
    folder.add("0000_a", "alter table a add column b int;");
    const holder = await connectPostgres(project.url, { what: "the test" });
    const { rows } = await holder.query("select pg_backend_pid() as pid");
    await holder.query("begin; select * from a");
    const running = project.json("migrate", "--wait", "4s");
    let over = false;
    void running.finally(() => {
      over = true;
    });
    let longest = 0;
    while (!over) {
      const began = performance.now();
      await sql.query("select * from a");
      longest = Math.max(longest, performance.now() - began);
      await sleep(50); // Readers come and go.
    }
    const { status, document } = await running;
    expect(status).toBe(5);
    expect(document.error).toMatchObject({
      code: "LOCKED",
      reason: "TABLE_LOCKED",
      blockers: [{ pid: rows[0].pid }],
    });
    const lockTimeout = 2000;
    expect(longest).toBeLessThan(lockTimeout + slow(1500));
    await holder.end();
  });

  test("a marker in a dollar quote, no breakpoints, letters of several bytes before an error", async () => {
    folder.add(
      "0000_a",
      "create function f() returns text language plpgsql as $$\nbegin\n--> statement-breakpoint\nreturn 'é;';\nend $$;\ncreate table a (id int); insert into a values (1);",
    );
    folder.add("0001_b", "select 'ü🙂';\nselect '🙂', nope from a;");
    const { status, document } = await project.json("migrate");
    expect(status).toBe(7);
    expect(document).toMatchObject({
      applied: ["0000_a"],
      error: { line: 2, column: 13, statement: 2 },
    });
    expect(await column("select f()")).toEqual(["é;"]);
  });

  test("a folder in disorder: 6, and the document has its usual shape, though nobody connected", async () => {
    folder.add("0000_a", "<<<<<<< HEAD\nselect 1;\n=======\nselect 2;\n>>>>>>> feature\n");
    project.url = project.url.replace(/:\d+\//, ":1/");
    expect(await project.json("migrate")).toMatchObject({
      status: 6,
      document: {
        ...{ status: "failed", applied: [], pending: [], late: [], edited: [], unknown: [] },
        ...{ warnings: [], timings: { migrations: {} } },
        error: {
          code: "MIGRATION_REFUSED",
          reason: "FOLDER_INVALID",
          reasons: ["CONFLICT_MARKER"],
          hint: expect.stringContaining("ds db rebase"),
        },
      },
    });
  });

  test("forked snapshots: one of the two was generated in ignorance of the other", async () => {
    const snapshot = (number: number, id: string, prevId: string) =>
      folder.edit(`meta/000${number}_snapshot.json`, JSON.stringify({ id, prevId }));
    folder.add("0000_a", "create table a (id int);").add("0001_b", "create table b (id int);");
    snapshot(0, "a", "none");
    snapshot(1, "b", "a");
    expect((await project.json("migrate")).status).toBe(0);
    folder.add("0002_c", "create table c (id int);");
    snapshot(2, "c", "a");
    const { status, document } = await project.json("migrate");
    expect(status).toBe(6);
    expect(document.error).toMatchObject({
      reason: "SNAPSHOTS_FORKED",
      problems: [expect.stringMatching(/0001_snapshot\.json and meta.0002_snapshot\.json/)],
    });
    snapshot(2, "c", "b");
    expect((await project.json("migrate")).document.applied).toEqual(["0002_c"]);
  });

  test("a wrong password, and a server that is down: 8, one line, no password", async () => {
    folder.add("0000_a", "select 1;");
    const free = createServer().listen(0, "127.0.0.1");
    await once(free, "listening");
    const { port } = free.address() as { port: number };
    free.close();
    for (const url of [
      project.url.replace(/:[^:@]+@/, ":hunter2@"),
      `postgresql://u:hunter2@127.0.0.1:${port}/d`,
    ]) {
      project.url = url;
      const { status, document, stderr } = await project.json("migrate");
      expect(status).toBe(8);
      expect(document.error.message).not.toContain("\n");
      expect(JSON.stringify(document) + stderr).not.toContain("hunter2");
    }
  });
});

describe("migrate --plan", () => {
  test("shows what each statement locks, and runs nothing", async () => {
    await sql.query(
      "create table a (id int); insert into a select generate_series(1, 1000); analyze a",
    );
    folder.add(
      "0000_b",
      "create table b (id int);\nalter table a alter column id type bigint;\ncreate index concurrently i on a (id);\ndo $$ begin end $$;",
    );
    const { status, document } = await project.json("migrate", "--plan");
    expect(status).toBe(0);
    expect(document).toMatchObject({ status: "pending", pending: ["0000_b"] });
    expect(document.plan).toHaveLength(1);
    const [first, second, third] = document.plan[0].steps;
    expect(first).toMatchObject({ transaction: true, committed: false });
    expect(first.statements).toEqual([
      { line: 1, sql: "create table b (id int)", locks: [], effects: [], opaque: false },
      {
        line: 2,
        sql: "alter table a alter column id type bigint",
        locks: [{ table: '"a"', mode: "ACCESS EXCLUSIVE" }],
        effects: [{ kind: "rewrite", table: '"a"', reason: expect.any(String) }],
        opaque: false,
      },
    ]);
    expect(second).toMatchObject({ transaction: false });
    expect(third.statements[0]).toMatchObject({ opaque: true });

    const { stdout } = await project.run("migrate", "--plan");
    expect(stdout).toContain("ACCESS EXCLUSIVE on a: blocks reads and writes");
    expect(stdout).toMatch(/rewrites a \(about 1,000 rows, 0\.\d MB\): changes the type of id/);
    expect(stdout).toContain("step 2 of 3: outside of any transaction");
    expect(
      await column("select to_regclass('b'), to_regclass('drizzle.__drizzle_migrations')"),
    ).toEqual([null]);
  });

  test("names the tables that are locked behind the one that the statement names", async () => {
    await sql.query(
      `create table users (id int primary key);
       create table notes (id int, author int constraint notes_author references users);
       create index notes_id on notes (id)`,
    );
    folder.add(
      "0000_drop",
      "alter table notes drop constraint notes_author;\ndrop index notes_id;",
    );
    const { stdout } = await project.run("migrate", "--plan");
    const lines = stdout.split("\n").map((line) => line.trim());
    expect(lines.filter((line) => !line.startsWith("!!"))).toEqual([
      "0000_drop (drizzle/0000_drop.sql)",
      "alter table notes drop constraint notes_author",
      "-- ACCESS EXCLUSIVE on notes: blocks reads and writes",
      "-- ACCESS EXCLUSIVE on users: blocks reads and writes",
      "drop index notes_id",
      "-- ACCESS EXCLUSIVE on notes: blocks reads and writes",
      "",
    ]);
  });

  test("a late one in CI: said to be refused, as migrate does", async () => {
    folder.add("0000_a", "create table a (id int);").add("0002_c", "create table c (id int);");
    await project.json("migrate");
    folder.add("0001_b", "create table b (id int);");
    project.env.CI = "true";
    expect(await project.json("migrate", "--plan")).toMatchObject({
      status: 0,
      document: { late: ["0001_b"], warnings: [expect.stringContaining("0001_b")] },
    });
    expect(await project.json("migrate")).toMatchObject({
      status: 6,
      document: { error: { reason: "MIGRATION_LATE" } },
    });
  });

  test("a long literal is cut for the eye, and whole with --json", async () => {
    const sql = `insert into a values ('\\x${"0f".repeat(100_000)}')`;
    folder.add("0000_a", `create table a (b bytea);\n${sql};`);
    const { stdout } = await project.run("migrate", "--plan");
    expect(stdout.length).toBeLessThan(1000);
    expect(stdout).toContain("insert into a values ('\\x0f0f");
    const { document } = await project.json("migrate", "--plan");
    expect(document.plan[0].steps[0].statements[1].sql).toBe(sql);
  });

  test("a ledger that may not be read: 8, as without --plan", async () => {
    folder.add("0000_a", "select 1;");
    await project.run("migrate");
    await sql.query("revoke all on drizzle.__drizzle_migrations from current_user");
    for (const more of [[], ["--plan"]]) {
      const { status, document } = await project.json("migrate", ...more);
      expect(status).toBe(8);
      expect(document.error).toMatchObject({ reason: "LEDGER_REFUSED", sqlState: "42501" });
    }
  });

  test("says what is committed already; nothing to do is no error", async () => {
    folder.add("0000_a", "create table a (id int);\nvacuum;\nselect nope;");
    await project.run("migrate");
    const { document } = await project.json("migrate", "--plan");
    expect(document.plan[0].steps.map((step: { committed: boolean }) => step.committed)).toEqual([
      true,
      true,
      false,
    ]);
    folder.edit("0000_a.sql", "create table a (id int);\nvacuum;\nselect 1;");
    await project.run("migrate");
    expect(await project.json("migrate", "--plan")).toMatchObject({
      status: 0,
      document: { status: "up-to-date", plan: [] },
    });
  });
});

describe("resolve", () => {
  test("asks first: without a terminal, --yes", async () => {
    folder.add("0000_a", "create table a (id int);");
    const { status, document } = await project.json("resolve", "--applied", "0000_a");
    expect(status).toBe(2);
    expect(document.error).toMatchObject({
      code: "CONFIRMATION_REQUIRED",
      hint: expect.stringContaining("ds db resolve --applied 0000_a --db <url> --yes"),
    });
    expect(await column("select to_regclass('drizzle.__drizzle_migrations')")).toEqual([null]);
  });

  test("--applied records without running, --forget makes it pending again", async () => {
    folder.add("0000_a", "create table a (id int);").add("0001_b", "create table b (id int);");
    expect(await project.json("resolve", "--applied", "0000", "--yes")).toEqual({
      status: 0,
      document: { status: "resolved", action: "applied", migration: "0000_a" },
      stderr: "",
    });
    expect(await project.json("migrate")).toMatchObject({ document: { applied: ["0001_b"] } });
    expect(await column("select to_regclass('a')")).toEqual([null]);
    expect(await project.json("resolve", "--applied", "0000_a", "--yes")).toMatchObject({
      status: 5,
      document: { error: { code: "CONFLICT", reason: "ALREADY_APPLIED" } },
    });
    await drizzleMigrate(drizzle(sql), { migrationsFolder: folder.path });
    expect(await ledger()).toHaveLength(2);

    expect(await project.json("resolve", "--forget", "drizzle/0000_a.sql", "--yes")).toMatchObject({
      status: 0,
      document: { action: "forget", migration: "0000_a" },
    });
    expect(await project.json("migrate")).toMatchObject({ document: { applied: ["0000_a"] } });
    expect(await column("select to_regclass('a')::text")).toEqual(["a"]);
  });

  test("--accept-edit takes the file as it is; the refusal names both ways out", async () => {
    folder.add("0000_a", "create table a (id int);");
    await project.run("migrate");
    expect(await project.json("resolve", "--accept-edit", "0000_a", "--yes")).toMatchObject({
      status: 4,
      document: { error: { reason: "NOT_EDITED" } },
    });
    folder.edit("0000_a.sql", "create table a (id int); -- a comment");
    const refused = await project.json("migrate");
    expect(refused.status).toBe(6);
    expect(refused.document.error.reason).toBe("MIGRATION_EDITED");
    expect(refused.document.error.hint).toContain("git log");
    expect(refused.document.error.hint).toContain("ds db resolve --accept-edit 0000_a");
    expect((await project.json("resolve", "--accept-edit", "0000_a", "--yes")).status).toBe(0);
    expect(await project.json("migrate")).toMatchObject({
      status: 0,
      document: { status: "up-to-date", edited: [] },
    });
  });

  test("--forget of one that was run in part, and of one that no file accounts for", async () => {
    folder.add("0000_a", "create table a (id int);\nvacuum;\nselect nope;");
    await project.run("migrate");
    folder.edit("0000_a.sql", "create table a (id bigint);");
    expect(await project.json("migrate")).toMatchObject({
      status: 6,
      document: { error: { code: "MIGRATION_REFUSED", reason: "MIGRATION_EDITED_MIDWAY" } },
    });
    await sql.query("drop table a");
    expect((await project.json("resolve", "--forget", "0000_a", "--yes")).status).toBe(0);
    expect((await project.json("migrate")).document).toMatchObject({ applied: ["0000_a"] });

    const hash = "f00d".repeat(16);
    await sql.query(
      `insert into drizzle.__drizzle_migrations (hash, created_at) values ('${hash}', 1)`,
    );
    expect((await project.json("migrate")).document.unknown).toHaveLength(1);
    expect((await project.json("resolve", "--forget", hash, "--yes")).status).toBe(0);
    expect((await project.json("migrate")).document.unknown).toEqual([]);
  });

  test("what makes no sense is refused", async () => {
    folder.add("0000_a", "select 1;");
    expect((await project.json("resolve", "--yes")).status).toBe(2);
    expect(
      (await project.json("resolve", "--applied", "0000_a", "--forget", "0000_a")).status,
    ).toBe(2);
    expect(await project.json("resolve", "--applied", "0009_z", "--yes")).toMatchObject({
      status: 4,
      document: { error: { reason: "NO_SUCH_MIGRATION", notApplied: ["0000_a"] } },
    });
    expect((await project.json("resolve", "--forget", "0000_a", "--yes")).status).toBe(4);
  });
});

describe("baseline", () => {
  test("an empty database: 6, even with --yes, and nothing is recorded", async () => {
    folder.add("0000_a", "create table a (id int);");
    expect(await project.json("baseline", "--yes")).toMatchObject({
      status: 6,
      document: { error: { code: "REFUSED", reason: "DATABASE_EMPTY" } },
    });
    expect((await project.json("migrate")).document).toMatchObject({ applied: ["0000_a"] });
  });

  test("a database that predates the folder", async () => {
    await sql.query("create table a (id int)");
    folder.add("0000_a", "create table a (id int);");
    folder.add("0001_b", "create table b (id int);");
    const asked = await project.json("baseline", "--to", "0000_a");
    expect(asked.status).toBe(2);
    expect(asked.document.error).toMatchObject({
      code: "CONFIRMATION_REQUIRED",
      message: expect.stringContaining("1 table"),
    });
    expect(await project.json("baseline", "--to", "0000_a", "--yes")).toMatchObject({
      status: 0,
      document: { status: "baselined", recorded: ["0000_a"], pending: 1 },
    });
    expect((await project.json("migrate")).document).toMatchObject({ applied: ["0001_b"] });
    await drizzleMigrate(drizzle(sql), { migrationsFolder: folder.path });
    expect(await ledger()).toHaveLength(2);
    expect(await project.json("baseline", "--yes")).toMatchObject({
      status: 5,
      document: { error: { code: "CONFLICT", reason: "LEDGER_NOT_EMPTY" } },
    });
  });
});
