// More than 300 lines: its cases share one server, whose start takes longer than any of them.

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate as drizzleMigrate } from "drizzle-orm/node-postgres/migrator";
import { drizzle as drizzle1 } from "drizzle-orm-1/node-postgres";
import { migrate as drizzleMigrate1 } from "drizzle-orm-1/node-postgres/migrator";
import type { Client } from "pg";
import { describe, expect, test } from "vitest";
import { slow } from "../../../scripts/test-support/limits.ts";
import { until } from "../../../scripts/test-support/until.ts";
import { SqlFailed } from "../../src/migrations/failure/sql-failure.ts";
import { readMigrationFolder } from "../../src/migrations/folder/io/read-folder.ts";
import { connectPostgres } from "../../src/postgres/io/connect.ts";
import {
  column as columnOf,
  failureOf,
  type TestMigrator,
  warningsIn,
  withMigrator,
} from "../helpers/migrations/migrate-test.ts";
import { TestFolder } from "../helpers/migrations/migrations-folder.ts";

let url: string;
let folder: TestFolder;
let sql: Client;
let events: TestMigrator["events"];
let run: TestMigrator["run"];
let check: TestMigrator["check"];

withMigrator((fresh) => {
  ({ url, folder, sql, events, run, check } = fresh);
});

const column = (query: string) => columnOf(sql, query);

/** Until a session other than this one runs a text like the pattern. */
async function untilRuns(pattern: string): Promise<number> {
  const text =
    "select pid from pg_stat_activity where query like $1 and state = 'active' and pid <> pg_backend_pid()";
  return until(pattern, async () => (await sql.query(text, [pattern])).rows[0]?.pid as number);
}

/** A proxy may hand out numbers of its own for sessions, as Neon's does. */
async function behindProxy(applicationName: string): Promise<Client> {
  const client = await connectPostgres(url, { what: "the test", applicationName });
  return Object.assign(client, { processID: 1 });
}

const ledgerRows = async () => (await sql.query("select * from drizzle.__drizzle_migrations")).rows;

function threeTables(): void {
  folder.add(
    "0000_a",
    "create table a (id int);\n--> statement-breakpoint\ninsert into a values (1);",
  );
  folder.add("0001_b", "create table b (id int);");
  folder.add("0002_c", "create table c (id int);");
}

async function withDrizzle0(): Promise<void> {
  await drizzleMigrate(drizzle(sql), { migrationsFolder: folder.path });
}

describe("together with Drizzle", () => {
  test("0.45 after ours finds nothing to do", async () => {
    threeTables();
    expect((await run()).applied).toEqual(["0000_a", "0001_b", "0002_c"]);
    const before = await ledgerRows();
    await withDrizzle0();
    expect(await ledgerRows()).toEqual(before);
    expect(before).toHaveLength(3);
    expect(before[0]).toEqual({
      id: 1,
      hash: createHash("sha256")
        .update(readFileSync(join(folder.path, "0000_a.sql")))
        .digest("hex"),
      created_at: String(TestFolder.when("0000_a")),
    });
  });

  test("ours after 0.45 finds nothing to do, then adds to its ledger", async () => {
    threeTables();
    await withDrizzle0();
    expect(await run()).toMatchObject({ status: "up-to-date", applied: [] });
    folder.add("0003_d", "create table d (id int)");
    expect(await run()).toMatchObject({ status: "applied", applied: ["0003_d"] });
    await withDrizzle0();
    expect(await ledgerRows()).toHaveLength(4);
  });

  test("the tables that ours and 0.45 create are the same", async () => {
    threeTables();
    const shape = `select string_agg(format('%s %s %s %s', column_name, data_type, is_nullable, column_default), ', ' order by ordinal_position)
      from information_schema.columns where table_schema = 'drizzle'`;
    await run();
    const ours = await column(shape);
    await sql.query("drop schema drizzle cascade; drop table a, b, c");
    await withDrizzle0();
    expect(ours).toEqual(await column(shape));
  });

  test("1.0 and ours take turns on its folder format", async () => {
    const both = async () => {
      await run();
      const before = await ledgerRows();
      await drizzleMigrate1(drizzle1({ client: sql }), { migrationsFolder: folder.path });
      expect(await ledgerRows()).toEqual(before);
    };
    folder.edit("20260101000000_a/migration.sql", "create table a (id int);");
    await both();
    folder.edit("20260102000000_b/migration.sql", "create table b (id int);");
    await drizzleMigrate1(drizzle1({ client: sql }), { migrationsFolder: folder.path });
    expect(await run()).toMatchObject({ status: "up-to-date" });
    folder.edit("20260103000000_c/migration.sql", "create table c (id int);");
    await both();
    expect((await ledgerRows()).map(({ name }) => name)).toEqual([
      "20260101000000_a",
      "20260102000000_b",
      "20260103000000_c",
    ]);
    expect((await ledgerRows()).every((row) => row.applied_at instanceof Date)).toBe(true);
  });

  test("a v0 folder on a 1.0 ledger gets the names that drizzle-kit up gives", async () => {
    await sql.query(`create schema drizzle; create table drizzle.__drizzle_migrations (id serial primary key,
      hash text not null, created_at bigint, name text, applied_at timestamptz default now())`);
    threeTables();
    await run();
    expect((await ledgerRows()).map(({ name }) => name)).toEqual([
      "20260101000000_a",
      "20260101000001_b",
      "20260101000002_c",
    ]);
  });

  test("after drizzle-kit up of the folder, 1.0 takes over ours without running anything again", async () => {
    threeTables();
    await run();
    const upgraded = new TestFolder();
    for (const { ledgerName, sql: text } of readMigrationFolder(folder.path, "drizzle")
      .migrations) {
      upgraded.edit(`${ledgerName}/migration.sql`, text);
    }
    const read = () => readMigrationFolder(upgraded.path, "drizzle");
    expect(await run({ folder: read() })).toMatchObject({ status: "up-to-date" });
    upgraded.edit("20260201000000_d/migration.sql", "create table d (id int);");
    expect(await run({ folder: read() })).toMatchObject({ applied: ["20260201000000_d"] });
    await drizzleMigrate1(drizzle1({ client: sql }), { migrationsFolder: upgraded.path });
    expect((await ledgerRows()).map(({ name }) => name)).toEqual([
      "20260101000000_a",
      "20260101000001_b",
      "20260101000002_c",
      "20260201000000_d",
    ]);
    expect(await run({ folder: read() })).toMatchObject({ status: "up-to-date" });
    upgraded.remove();
  });

  test("a ledger of another name", async () => {
    threeTables();
    await run({ ledger: { schema: "my schema", table: 'odd"table' } });
    await drizzleMigrate(drizzle(sql), {
      migrationsFolder: folder.path,
      migrationsSchema: "my schema",
      migrationsTable: 'odd"table',
    });
    expect(await column(`select count(*)::int from "my schema"."odd""table"`)).toEqual([3]);
  });
});

describe("order and content", () => {
  test("late: applied with a warning on a personal branch; 0.45 then has nothing to do", async () => {
    folder.add("0000_a", "create table a (id int)").add("0002_c", "create table c (id int)");
    await run();
    events.length = 0;
    folder.add("0001_b", "create table b (id int)");
    const report = await run();
    expect(report).toMatchObject({ status: "applied", applied: ["0001_b"], late: [] });
    expect(report.warnings).toHaveLength(1);
    expect(events).toEqual([
      { kind: "warned", warning: { reason: "LATE_APPLIED", text: report.warnings[0] } },
      expect.objectContaining({ kind: "applied", migration: "0001_b" }),
    ]);
    await withDrizzle0();
    expect(await ledgerRows()).toHaveLength(3);
  });

  test("late: refused on a shared stage, before anything is run", async () => {
    folder.add("0000_a", "create table a (id int)").add("0002_c", "create table c (id int)");
    await run();
    folder.add("0001_b", "create table b (id int)").add("0003_d", "create table d (id int)");
    const error = await failureOf(run({ policy: { allowLate: false, strict: false } }));
    expect(error).toMatchObject({
      code: "MIGRATION_REFUSED",
      reason: "MIGRATION_LATE",
      details: { late: ["0001_b"] },
    });
    expect(error.report).toMatchObject({ applied: [], late: ["0001_b"], pending: ["0003_d"] });
    expect(error.report.warnings).toHaveLength(1);
    expect(await ledgerRows()).toHaveLength(2);
  });

  test("late: to look is allowed where running is not, and says so", async () => {
    folder.add("0000_a", "create table a (id int)").add("0002_c", "create table c (id int)");
    await run();
    folder.add("0001_b", "create table b (id int)");
    const found = await check({ policy: { allowLate: false, strict: false } });
    expect(found).toMatchObject({
      report: { status: "pending", late: ["0001_b"] },
      toRun: ["0001_b"],
      refused: ["0001_b"],
    });
    expect(warningsIn(events)).toEqual(["LATE_REFUSED"]);
    expect(await check()).toMatchObject({ toRun: ["0001_b"], refused: [] });
  });

  test("edited: refused, nothing run", async () => {
    threeTables();
    await run();
    folder.edit("0001_b.sql", "create table b (id bigint)");
    folder.add("0003_d", "create table d (id int)");
    const error = await failureOf(run());
    expect(error).toMatchObject({
      code: "MIGRATION_REFUSED",
      reason: "MIGRATION_EDITED",
      details: { edited: ["0001_b"] },
    });
    expect(await ledgerRows()).toHaveLength(3);
  });

  test("CRLF instead of LF is no edit", async () => {
    threeTables();
    await run();
    const text = readFileSync(join(folder.path, "0000_a.sql"), "utf8");
    folder.edit("0000_a.sql", text.replaceAll("\n", "\r\n"));
    expect(await run()).toMatchObject({ status: "up-to-date" });
  });

  test("unknown: a warning, and with strict a refusal", async () => {
    threeTables();
    await run();
    const other = new TestFolder().add(
      "0000_a",
      readFileSync(join(folder.path, "0000_a.sql"), "utf8"),
    );
    const read = readMigrationFolder(other.path, "drizzle");
    other.remove();
    const report = await run({ folder: read });
    expect(report.unknown).toHaveLength(2);
    expect(report.warnings).toHaveLength(1);
    expect(warningsIn(events)).toEqual(["DATABASE_AHEAD"]);
    const strict = run({ folder: read, policy: { allowLate: true, strict: true } });
    expect(await failureOf(strict)).toMatchObject({
      code: "MIGRATION_REFUSED",
      reason: "DATABASE_AHEAD",
    });
  });

  test("check: what is pending, nothing run", async () => {
    threeTables();
    expect(await check()).toMatchObject({
      report: { status: "pending", applied: [] },
      toRun: ["0000_a", "0001_b", "0002_c"],
    });
    expect(await column("select to_regclass('a')")).toEqual([null]);
    await run();
    expect(await check()).toMatchObject({ report: { status: "up-to-date" }, toRun: [] });
  });

  test("ROLLBACK inside: refused, also when the database is out of reach", async () => {
    folder.add("0000_a", "create table a (id int);\nrollback;");
    const refused = { code: "MIGRATION_REFUSED", reason: "TRANSACTION_CONTROL" };
    const error = await failureOf(run());
    expect(error).toMatchObject(refused);
    expect(error.hint).toContain("ds db resolve --applied");
    const nowhere = run({ at: "postgres://u:p@127.0.0.1:1/d" });
    expect(await failureOf(nowhere)).toMatchObject(refused);
    expect(await column("select to_regclass('a')")).toEqual([null]);
  });
});

describe("failures", () => {
  test("the third statement of the second of three", async () => {
    folder.add("0000_a", "create table a (id int);");
    folder.add(
      "0001_b",
      "create table b (id int);\n--> statement-breakpoint\ninsert into b values (1);\n\n-- é🙂\nselect '🙂é', x from b;\nselect 2;",
    );
    folder.add("0002_c", "create table c (id int);");
    const error = await failureOf(run());
    expect(error.code).toBe("SQL_FAILED");
    expect(error.message.split("\n")).toEqual([
      'drizzle/0001_b.sql:6:14, statement 3 of 4: column "x" does not exist (42703)',
      "  select '🙂é', x from b;",
      "          \u3000    ^",
      "0001_b was rolled back; committed before it: 0000_a.",
    ]);
    expect(error.details).toMatchObject({
      line: 6,
      column: 14,
      statement: 3,
      report: { status: "failed", applied: ["0000_a"], pending: ["0001_b", "0002_c"] },
    });
    expect(await column("select to_regclass('b')")).toEqual([null]);
    expect(await ledgerRows()).toHaveLength(1);
  });

  test("an error without a position is placed at its statement", async () => {
    folder.add(
      "0000_a",
      "create table a (id int primary key);\ninsert into a values (1);\n  insert into a values (1);",
    );
    const error = await failureOf(run());
    expect(error.details).toMatchObject({
      file: "drizzle/0000_a.sql",
      line: 3,
      column: 3,
      statement: 3,
      statements: 3,
      sqlState: "23505",
    });
    // The caret below the place, and what the server adds.
    expect(error.message).toMatch(/\n {2} {2}insert[^\n]*\n {4}\^\n {2}detail: Key \(id\)=\(1\)/);
  });

  test("an error within a block names the line of the block", async () => {
    folder.add(
      "0000_a",
      "create table a (id int primary key);\ndo $$ begin\n  insert into a values (1);\n  insert into a\n    values (1);\nend $$;",
    );
    expect((await failureOf(run())).message).toContain(
      '\n  context: SQL statement "insert into a values (1)"\n' +
        "           PL/pgSQL function inline_code_block line 3 at SQL statement\n",
    );
  });

  test.each(["insert into a values (1), (1);", "alter table a add check (id > 1);"])(
    "rows in the way are no mistake of the file: %s",
    async (text) => {
      await sql.query("create table a (id int unique); insert into a values (1)");
      folder.add("0000_a", text);
      expect(await failureOf(run())).toMatchObject({
        code: "SQL_FAILED",
        reason: "ROWS_VIOLATE",
      });
    },
  );

  test.each([[], ["0000_a"]])(
    "a database that is read-only: not a matter of rights (%s)",
    async (...before) => {
      for (const tag of before) folder.add(tag, "select 1;");
      await run();
      const database = new URL(url).pathname.slice(1);
      await sql.query(`alter database ${database} set default_transaction_read_only = on`);
      folder.add("0001_b", "create table b (id int);");
      const error = await failureOf(run());
      expect(error.details).toMatchObject({ sqlState: "25006" });
      expect(error.hint).toContain("default_transaction_read_only");
    },
  );

  test("CRLF does not move the place", async () => {
    folder.add("0000_a", "select 1;\r\n--> statement-breakpoint\r\nselect nope;\r\n");
    expect((await failureOf(run())).details).toMatchObject({ line: 3, column: 8, statement: 2 });
  });

  test("a deferred constraint speaks up at the commit", async () => {
    folder.add(
      "0000_a",
      "create table a (id int unique deferrable initially deferred);\ninsert into a values (1), (1);",
    );
    const { failure } = await failureOf(run());
    expect(failure).toBeInstanceOf(SqlFailed);
    expect(failure).toMatchObject({
      atCommit: true,
      migration: "0000_a",
      details: { file: "drizzle/0000_a.sql", sqlState: "23505" },
    });
    expect(await column("select count(*)::int from drizzle.__drizzle_migrations")).toEqual([0]);
  });

  test.each([
    ["set transaction read only", "", "25006"],
    ["drop schema drizzle cascade", "", "42P01"],
    ["select 1", "revoke insert on drizzle.__drizzle_migrations from current_user", "42501"],
    [
      "select 1",
      "alter table drizzle.__drizzle_migrations add column team text not null default 'a'; alter table drizzle.__drizzle_migrations alter column team drop default",
      "23502",
    ],
    [
      "select 1",
      `create function no() returns trigger language plpgsql as $$ begin raise exception E'not\\nnow'; end $$;
       create trigger t before insert on drizzle.__drizzle_migrations for each row execute function no()`,
      "P0001",
    ],
  ])("the ledger's own failure is not the file's: %s; %s", async (text, before, sqlState) => {
    folder.add("0000_a", "select 1;");
    await run();
    await sql.query(before);
    folder.add("0001_b", `create table b (id int);\n${text};`);
    const error = await failureOf(run());
    expect(error).toMatchObject({
      code: "UPSTREAM",
      reason: "LEDGER_NOT_WRITTEN",
      details: { migration: "0001_b", sqlState, committed: [], committedStatements: 0 },
    });
    expect(error.message).not.toContain("\n");
    expect(await column("select to_regclass('b')")).toEqual([null]);
  });

  test("the ledger's own failure behind a statement outside of transactions", async () => {
    folder.add("0000_a", "select 1;");
    await run();
    await sql.query(
      "alter table drizzle.__drizzle_migrations add column team text not null default 'a'",
    );
    await sql.query("alter table drizzle.__drizzle_migrations alter column team drop default");
    folder.add("0001_b", "vacuum;");
    expect(await failureOf(run())).toMatchObject({
      reason: "LEDGER_NOT_WRITTEN",
      details: { migration: "0001_b", sqlState: "23502", carriedOut: 1 },
    });
    await sql.query("alter table drizzle.__drizzle_migrations drop column team");
    expect(await run()).toMatchObject({ applied: ["0001_b"] });
  });

  test("a table that is no ledger, before anything is run; a row without a hash is unknown", async () => {
    folder.add("0000_a", "create table a (id int);");
    await sql.query("create schema drizzle");
    for (const [columns, missing] of [
      ["id int, checksum text", "hash"],
      ["id int, hash text", "created_at"],
      ["hash text, created_at bigint", "id"],
    ]) {
      await sql.query(`create table drizzle.__drizzle_migrations (${columns})`);
      expect(await failureOf(run())).toMatchObject({
        code: "MIGRATION_REFUSED",
        reason: "LEDGER_FOREIGN",
        details: { missingColumn: missing },
      });
      await sql.query("drop table drizzle.__drizzle_migrations");
    }
    await sql.query(`create table drizzle.__drizzle_migrations (id serial, hash text, created_at bigint);
      insert into drizzle.__drizzle_migrations (created_at) values (1000)`);
    expect(await run()).toMatchObject({
      applied: ["0000_a"],
      unknown: ["a row without a hash of 1970-01-01T00:00:01Z"],
    });
  });

  test.each([
    ["create table a (id int);\ncopy a from stdin;", "COPY_FROM_STDIN"],
    ["create table a (id int);\ncopy a from stdin;\n1\n\\.\n", "COPY_FROM_STDIN"],
    ["\\restrict x\ncreate table a (id int);", "PSQL_COMMAND"],
  ])("what psql does by itself: %j", async (sql, reason) => {
    folder.add("0000_a", sql);
    expect(await failureOf(run())).toMatchObject({ code: "SQL_FAILED", reason });
  });

  test("a string of megabytes", async () => {
    folder.add("0000_a", `create table a (t text); insert into a values ('${"x".repeat(6e6)}');`);
    expect(await run()).toMatchObject({ applied: ["0000_a"] });
  });

  test("a block that commits needs the header", async () => {
    folder.add("0000_a", "create table a (id int);");
    folder.add("0001_b", "do $$ begin insert into a values (1); commit; end $$;");
    const error = await failureOf(run());
    expect(error).toMatchObject({
      code: "SQL_FAILED",
      reason: "NOT_IN_TRANSACTION",
      details: { sqlState: "2D000", line: 1 },
    });
    expect(error.hint).toContain("-- ds:no-transaction");
    folder.edit(
      "0001_b.sql",
      "-- ds:no-transaction\ndo $$ begin insert into a values (1); commit; end $$;",
    );
    expect(await run()).toMatchObject({ applied: ["0001_b"] });
    expect(await column("select id from a")).toEqual([1]);
  });

  test("SET in one migration does not reach the next", async () => {
    folder.add("0000_a", "create schema other; set search_path = other; set role none;");
    folder.add("0001_b", "create table b (id int)");
    folder.add("0002_c", "set default_transaction_read_only = on");
    folder.add("0003_d", "create table d (id int)");
    await run();
    expect(await column("select to_regclass('public.b')::text")).toEqual(["b"]);
  });

  test("a wrong password is one line without it", async () => {
    threeTables();
    const error = await failureOf(run({ at: url.replace(/:[^:@]+@/, ":hunter2@") }));
    expect(error.code).toBe("UPSTREAM");
    expect(error.message).not.toMatch(/\n|hunter2/);
  });

  test("a session that is cut off in the middle leaves nothing", async () => {
    folder.add("0000_a", "create table a (id int); select pg_sleep(600);");
    const running = failureOf(run());
    await sql.query("select pg_terminate_backend($1)", [await untilRuns("%pg_sleep(600)%")]);
    expect(await running).toMatchObject({ code: "UPSTREAM", reason: "CONNECTION_LOST" });
    expect(await column("select to_regclass('a')")).toEqual([null]);
    expect(await column("select count(*)::int from pg_locks where locktype = 'advisory'")).toEqual([
      0,
    ]);
  });

  test("an interrupt rolls back what was under way", async () => {
    folder.add("0000_a", "create table a (id int);");
    folder.add("0001_b", "create table b (id int); select pg_sleep(600);");
    const interrupt = new AbortController();
    const running = failureOf(run({ signal: interrupt.signal, connect: behindProxy }));
    await untilRuns("%pg_sleep(600)%");
    interrupt.abort();
    expect(await running).toMatchObject({
      code: "INTERRUPTED",
      report: { status: "failed", applied: ["0000_a"], pending: ["0001_b"] },
    });
    expect(await column("select to_regclass('a')::text, to_regclass('b')")).toEqual(["a"]);
  });
});

test("a role that may only write to the ledger: it migrates, and there is no note for an undo", async () => {
  const onBranch = async (applicationName: string) => {
    const client = await connectPostgres(url, { what: "the test", applicationName });
    await client.query("set neon.branch_id = 'br-of-this-test'");
    return client;
  };
  const noted = { connect: onBranch, undoable: true };
  const notes = "select to_regclass('__ds.migrate_runs') is not null";
  folder.add("0000_a", "select 1;");
  await run();
  await sql.query(`revoke create on database ${new URL(url).pathname.slice(1)} from current_user`);
  folder.add("0001_b", "select 1;");
  expect(await run(noted)).toMatchObject({ applied: ["0001_b"] });
  expect(await column(notes)).toEqual([false]);
  await sql.query(`grant create on database ${new URL(url).pathname.slice(1)} to current_user`);
  folder.add("0002_c", "select 1;");
  expect(await run(noted)).toMatchObject({ applied: ["0002_c"] });
  expect(await column(notes)).toEqual([true]);
});

test("what the server says meanwhile: warnings once, and in the report; notices for who asks", async () => {
  const raise =
    "do $$ begin raise warning E'two\\nrows skipped'; raise notice 'by the way'; end $$;";
  folder.add("0000_a", `create table a (id int unique deferrable initially deferred);\n${raise}`);
  folder.add("0001_b", `${raise}\nvacuum a;\ninsert into a values (1), (1);`);
  const error = await failureOf(run());
  const warnings = ["0000_a: two rows skipped", "0001_b: two rows skipped"];
  expect(error.failure).toMatchObject({ atCommit: true, migration: "0001_b" });
  expect(error.report).toMatchObject({ warnings });
  expect(events.filter(({ kind }) => kind !== "applied")).toEqual([
    { kind: "warned", warning: { reason: "SERVER", text: warnings[0] } },
    { kind: "noticed", migration: "0000_a", text: "by the way" },
    { kind: "warned", warning: { reason: "SERVER", text: warnings[1] } },
    { kind: "noticed", migration: "0001_b", text: "by the way" },
  ]);
});

describe("several at once", () => {
  test("four on a fresh database: each migration once", async () => {
    folder.add("0000_a", "create table a (id int); select pg_sleep(0.2);");
    folder.add("0001_b", "insert into a values (1);");
    const reports = await Promise.all([run(), run(), run(), run()]);
    expect(reports.flatMap(({ applied }) => applied).sort()).toEqual(["0000_a", "0001_b"]);
    expect(await column("select count(*)::int from a")).toEqual([1]);
    expect(await ledgerRows()).toHaveLength(2);
  });

  test("the wait is announced and ends with LOCKED", async () => {
    const isAsked = "exists (select from pg_tables where tablename = 'asked')";
    const untilAsked = `while not ${isAsked} loop perform pg_sleep(0.05); end loop;`;
    folder.add("0000_a", `do $$ begin ${untilAsked} end $$;`);
    const first = run({ who: "anna" });
    await untilRuns("%asked%");
    const error = await failureOf(run({ wait: 500 }));
    const holder = expect.objectContaining({ application: "ds migrate anna", state: "active" });
    expect(error).toMatchObject({
      code: "LOCKED",
      reason: "MIGRATION_LOCKED",
      details: { holder },
    });
    expect(events).toEqual([{ kind: "lock-wait", holder }]);
    await sql.query("create table asked ()");
    await first;
  });

  test("a ledger that somebody has locked: LOCKED in time, with their name", async () => {
    threeTables();
    await run();
    const holder = await connectPostgres(url, { what: "the test", applicationName: "a studio" });
    await holder.query("begin; lock table drizzle.__drizzle_migrations");
    const error = await failureOf(run({ wait: 300 }));
    expect(error).toMatchObject({
      code: "LOCKED",
      reason: "LEDGER_LOCKED",
      details: { holder: { application: "a studio", state: "idle in transaction" } },
    });
    await holder.end();
  });

  test("a table lock: steps back each time, names who holds it, gives up in time", async () => {
    await sql.query("create table a (id int)");
    folder.add("0000_a", "alter table a add column b int;");
    const holder = await connectPostgres(url, {
      what: "the test",
      applicationName: "coffee break",
    });
    await holder.query("begin; lock table a in access share mode");
    const started = Date.now();
    const error = await failureOf(run({ wait: 5000, connect: behindProxy }));
    expect(Date.now() - started).toBeLessThan(5000 + slow(4000));
    const blockers = [
      expect.objectContaining({
        application: "coffee break",
        state: "idle in transaction",
        query: expect.stringMatching(/^begin; lock table a/),
      }),
    ];
    expect(error).toMatchObject({
      code: "LOCKED",
      reason: "TABLE_LOCKED",
      details: { migration: "0000_a", blockers },
    });
    expect(events[0]).toMatchObject({ kind: "retried", cause: "lock", attempt: 1, blockers });
    await holder.query("rollback");
    await holder.end();
    expect(await run()).toMatchObject({ applied: ["0000_a"] });
  });

  test("a table lock that is let go in time is only a delay", async () => {
    await sql.query("create table a (id int)");
    folder.add("0000_a", "alter table a add column b int;");
    const holder = await connectPostgres(url, { what: "the test" });
    await holder.query("begin; lock table a in access share mode");
    const running = run();
    await until("the end of its first attempt", () => events.length > 0);
    await holder.query("rollback");
    await holder.end();
    expect(await running).toMatchObject({ applied: ["0000_a"] });
  });
});
