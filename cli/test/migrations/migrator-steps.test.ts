import type { Client } from "pg";
import { describe, expect, test } from "vitest";
import { connectPostgres } from "../../src/postgres/io/connect.ts";
import {
  column as columnOf,
  failureOf,
  type TestMigrator,
  withMigrator,
} from "../helpers/migrations/migrate-test.ts";
import type { TestFolder } from "../helpers/migrations/migrations-folder.ts";

// Migrations with statements that no transaction may be around: what is committed when, and how a run
// goes on where another ended, whatever moment that was.

let url: string;
let folder: TestFolder;
let sql: Client;
let events: TestMigrator["events"];
let run: TestMigrator["run"];
let check: TestMigrator["check"];

withMigrator((fresh) => {
  ({ url, folder, sql, events, run, check } = fresh);
});

const failure = () => failureOf(run());
const column = (query: string) => columnOf(sql, query);

const indexes = () =>
  column(
    "select c.relname || case when i.indisvalid then '' else ' (invalid)' end from pg_index i join pg_class c on c.oid = indexrelid where indrelid = 'a'::regclass order by 1",
  );
const stepsLeft = () => column("select count(*)::int from __ds.migration_steps");
const applied = () => column("select count(*)::int from drizzle.__drizzle_migrations");

/** As a run leaves it that dies after it has noted the beginning of a statement. */
async function diesDuring(step: number, seen: string[] = []): Promise<void> {
  await sql.query("update __ds.migration_steps set done = false, seen = $2 where step = $1", [
    step,
    seen,
  ]);
}

test("an index built concurrently, between other statements", async () => {
  folder.add(
    "0000_a",
    "create table a (id int);\ninsert into a values (1);\ncreate index concurrently a_id on a (id);\ninsert into a values (2);",
  );
  expect(await run()).toMatchObject({ status: "applied", applied: ["0000_a"] });
  expect(await indexes()).toEqual(["a_id"]);
  expect(await column("select id from a order by 1")).toEqual([1, 2]);
  expect(await stepsLeft()).toEqual([0]);
  expect(await applied()).toEqual([1]);
  expect(await run()).toMatchObject({ status: "up-to-date" });
});

test("each statement that stands alone, one after the other", async () => {
  folder.add(
    "0000_a",
    `create table p (id int) partition by list (id);
     create table q partition of p for values in (1);
     create table a (id int);
     create index concurrently on a (id);
     create unique index concurrently if not exists u on a (id);
     reindex (concurrently) table a;
     drop index concurrently u;
     alter table p detach partition q concurrently;
     vacuum (analyze) a;
     set search_path = public;
     create type t as enum ('x'); alter type t add value 'y'; create table e (t t default 'y');
     discard all;`,
  );
  expect(await run()).toMatchObject({ applied: ["0000_a"] });
  expect(await indexes()).toEqual(["a_id_idx"]);
  expect(await column("select relispartition from pg_class where relname = 'q'")).toEqual([false]);
  expect(await stepsLeft()).toEqual([0]);
});

test("a new value of an enum is used in the same file, and in the next", async () => {
  folder.add("0000_a", "create type t as enum ('x');");
  folder.add("0001_b", "alter type t add value 'y';\ncreate table b (t t default 'y');");
  folder.add("0002_c", "alter type t add value 'z';");
  folder.add("0003_d", "insert into b values ('z');");
  expect((await run()).applied).toHaveLength(4);
});

describe("a failure", () => {
  test("keeps what is committed, says what it was, and the next run goes on behind it", async () => {
    folder.add("0000_0", "create table a (id int);");
    folder.add(
      "0001_b",
      "insert into a values (1);\n-- é\ncreate index concurrently i on a (id);\ninsert into a values (2);\nselect 'é', nope;\n",
    );
    const error = await failure();
    expect(error.message.split("\n")).toEqual([
      'drizzle/0001_b.sql:5:13, statement 4 of 4: column "nope" does not exist (42703)',
      "  select 'é', nope;",
      "              ^",
      "0001_b: its first 2 statements are committed, the rest is not; committed before it: 0000_0.",
    ]);
    expect(error.details).toMatchObject({ statement: 4, committedStatements: 2 });
    expect(await column("select id from a")).toEqual([1]);
    expect(await indexes()).toEqual(["i"]);

    folder.edit(
      "0001_b.sql",
      "insert into a values (1);\n-- é\ncreate index concurrently i on a (id);\ninsert into a values (3);\n",
    );
    expect(await run()).toMatchObject({ applied: ["0001_b"] });
    expect(events).toContainEqual({ kind: "resumed", migration: "0001_b", statements: 2 });
    expect(await column("select id from a order by 1")).toEqual([1, 3]);
  });

  test("of a concurrent build leaves no invalid index", async () => {
    folder.add("0000_a", "create table a (id int); insert into a values (1), (1);");
    folder.add("0001_b", "create unique index concurrently i on a (id);");
    const error = await failure();
    expect(error).toMatchObject({
      code: "SQL_FAILED",
      details: { migration: "0001_b", sqlState: "23505", committed: ["0000_a"] },
    });
    expect(await indexes()).toEqual([]);
    await sql.query("delete from a");
    expect(await run()).toMatchObject({ applied: ["0001_b"] });
    expect(await indexes()).toEqual(["i"]);
  });

  test("in part, and then the part is edited: refused with both ways out", async () => {
    folder.add("0000_a", "create table a (id int);\nvacuum a;\nselect nope;");
    await failure();
    folder.edit("0000_a.sql", "create table a (id bigint);\nvacuum a;\nselect 1;");
    const error = await failure();
    expect(error).toMatchObject({
      code: "MIGRATION_REFUSED",
      reason: "MIGRATION_EDITED_MIDWAY",
      details: { migration: "0000_a", committedSteps: 2 },
    });
    expect(error.hint).toContain("ds db resolve --applied 0000_a");
    expect(error.hint).toContain("ds db resolve --forget 0000_a");
  });

  test("and then the failing end is taken out of the file", async () => {
    folder.add("0000_a", "create table a (id int);\nvacuum a;\nselect nope;");
    await failure();
    folder.edit("0000_a.sql", "create table a (id int);\nvacuum a;\n");
    expect(await run()).toMatchObject({ applied: ["0000_a"] });
    expect(await applied()).toEqual([1]);
    expect(await stepsLeft()).toEqual([0]);
  });
});

describe("a look at one that was carried out in part", () => {
  test("says how far it came", async () => {
    folder.add("0000_a", "create table a (id int);\nselect 1;\nvacuum a;\nselect nope;");
    folder.add("0001_b", "select 1;");
    await failure();
    expect(await check()).toMatchObject({
      report: { status: "pending", begun: [{ migration: "0000_a", committedStatements: 3 }] },
      toRun: ["0000_a", "0001_b"],
    });
  });

  test("refuses where that part was edited, as a run does", async () => {
    folder.add("0000_a", "create table a (id int);\nvacuum a;\nselect nope;");
    await failure();
    folder.edit("0000_a.sql", "create table a (id bigint);\nvacuum a;\nselect 1;");
    expect(await failureOf(check())).toMatchObject({
      code: "MIGRATION_REFUSED",
      reason: "MIGRATION_EDITED_MIDWAY",
    });
  });
});

test("settings of earlier steps are in force when a later run goes on", async () => {
  folder.add("0000_a", "create schema s;\nset search_path = s;\nvacuum;\nselect nope;");
  await failure();
  folder.edit(
    "0000_a.sql",
    "create schema s;\nset search_path = s;\nvacuum;\ncreate table here (id int);",
  );
  await run();
  expect(await column("select to_regclass('s.here')::text")).toEqual(["s.here"]);
});

describe("a run that died between a statement and its note", () => {
  /** `statement` is step 1 of a migration whose step 2 fails, so that step 1 can be made to look unfinished. */
  async function begin(statement: string): Promise<void> {
    folder.add(
      "0000_0",
      "create table a (id int); create table p (id int) partition by list (id); create table q partition of p for values in (1); create index gone on a (id)",
    );
    folder.add("0001_b", `select 1;\n${statement};\nselect nope;`);
    await failure();
    folder.edit("0001_b.sql", `select 1;\n${statement};\nselect 2;`);
    await diesDuring(
      1,
      (await column(
        "select indexrelid::text from pg_index i join pg_class c on c.oid = indexrelid where relname = 'gone'",
      )) as string[],
    );
  }

  /** In place of the index an invalid one, as a build leaves it that was broken off. */
  async function breakIndex(name: string): Promise<void> {
    await sql.query(`drop index ${name}`);
    await sql.query("insert into a values (1), (1)");
    await sql.query(`create unique index concurrently ${name} on a (id)`).catch(() => {});
    expect(await indexes()).toContain(`${name} (invalid)`);
  }

  test.each([
    ["create index concurrently i on a (id)", ["gone", "i"]],
    ["create index concurrently on a (id)", ["a_id_idx", "gone"]],
    ["drop index concurrently gone", []],
    ["reindex index concurrently gone", ["gone"]],
    ["alter table p detach partition q concurrently", ["gone"]],
  ])("done: %s", async (statement, expected) => {
    await begin(statement);
    expect(await run()).toMatchObject({ applied: ["0001_b"] });
    expect(await indexes()).toEqual(expected);
  });

  test("not done, with an invalid index: dropped and built again", async () => {
    await begin("create index concurrently i on a (id)");
    await breakIndex("i");
    expect(await run()).toMatchObject({ applied: ["0001_b"] });
    expect(await indexes()).toEqual(["gone", "i"]);
    expect(events).toContainEqual({
      kind: "leftover-dropped",
      migration: "0001_b",
      index: "public.i",
    });
  });

  test("not done, without a name: the leftover is dropped as well", async () => {
    await begin("create index concurrently on a (id)");
    await breakIndex("a_id_idx");
    expect(await run()).toMatchObject({ applied: ["0001_b"] });
    expect(await indexes()).toEqual(["a_id_idx", "gone"]);
  });

  test("not done, and nothing there", async () => {
    await begin("create index concurrently i on a (id)");
    await sql.query("drop index i");
    expect(await run()).toMatchObject({ applied: ["0001_b"] });
    expect(await indexes()).toEqual(["gone", "i"]);
  });

  test("cannot be told: refused, with what to do", async () => {
    folder.add(
      "0000_a",
      "-- ds:no-transaction\ncreate table a (id int);\ndo $$ begin commit; end $$;\nselect nope;",
    );
    await failure();
    await diesDuring(1);
    const error = await failure();
    expect(error).toMatchObject({
      code: "MIGRATION_REFUSED",
      reason: "OUTCOME_UNCLEAR",
      details: { statement: 2 },
    });
    expect(error.hint).toContain("ds db resolve --applied 0000_a");
  });
});

test("an index left invalid by others is in nobody's way", async () => {
  await sql.query("create table a (id int); insert into a values (1), (1)");
  await sql.query("create unique index concurrently i on a (id)").catch(() => {});
  expect(await indexes()).toEqual(["i (invalid)"]);
  folder.add("0000_a", "create index concurrently if not exists i on a (id);");
  await run();
  expect(await indexes()).toEqual(["i"]);
});

test("a concurrent build waits for old transactions as long as it may, and says so meanwhile", async () => {
  await sql.query("create table a (id int)");
  folder.add("0000_a", "create index concurrently i on a (id);");
  const holder = await connectPostgres(url, { what: "the test", applicationName: "coffee break" });
  await holder.query("begin; insert into a values (1)");
  const error = await failureOf(run({ wait: 5000 }));
  const blockers = [
    expect.objectContaining({ application: "coffee break", state: "idle in transaction" }),
  ];
  expect(error).toMatchObject({
    code: "LOCKED",
    reason: "TABLE_LOCKED",
    details: { blockers },
  });
  expect(events).toEqual([{ kind: "blocked", migration: "0000_a", blockers }]);
  await holder.query("rollback");
  await holder.end();
  expect(await run()).toMatchObject({ applied: ["0000_a"] });
  expect(await indexes()).toEqual(["i"]);
});
