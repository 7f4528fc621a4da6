import type { Client } from "pg";
import { describe, expect, test } from "vitest";
import { lastMigrate } from "../../src/migrations/run/io/last-migrate.ts";
import { connectPostgres } from "../../src/postgres/io/connect.ts";
import {
  column as columnOf,
  failureOf,
  type TestMigrator,
  withMigrator,
} from "../helpers/migrations/migrate-test.ts";
import type { TestFolder } from "../helpers/migrations/migrations-folder.ts";

// What ds itself notes in a database: where it lies, and how it comes there from where earlier versions had it.

let url: string;
let folder: TestFolder;
let sql: Client;
let run: TestMigrator["run"];
let check: TestMigrator["check"];

withMigrator((fresh) => {
  ({ url, folder, sql, run, check } = fresh);
});

const column = (query: string) => columnOf(sql, query);
const ownAndFormer = () =>
  column(
    `select schemaname || '.' || tablename from pg_tables
     where schemaname = '__ds' or tablename ~ '^__ds' order by 1`,
  );
const ledger = { schema: "public", table: "log" };

/** The server says which branch it is, as an undo needs it. */
const connect = async (applicationName: string) => {
  const client = await connectPostgres(url, { what: "the test", applicationName });
  await client.query("set neon.branch_id = 'br-1'");
  return client;
};

/** A migration of two steps, the first of which is committed; all notes are where earlier versions had them. */
async function leaveFormerTables(): Promise<void> {
  folder.add("0000_a", "create table a (id int);\nvacuum a;\nselect nope;");
  await failureOf(run({ ledger }));
  folder.edit("0000_a.sql", "create table a (id int);\nvacuum a;\ninsert into a values (1);");
  await sql.query(`
    create table __ds_migrate_runs (branch_id text not null, began timestamp with time zone not null);
    insert into __ds_migrate_runs values ('br-1', '2026-01-02 03:04:05+00');
    create table __ds_migration_steps as select migration, step, hash, done, seen, at from __ds.migration_steps;
    drop schema __ds cascade`);
}

describe("with the ledger in public", () => {
  test("nothing of ours is beside it", async () => {
    folder.add("0000_a", "create table a (id int);\nvacuum a;");
    await run({ ledger, connect, undoable: true });
    expect(await ownAndFormer()).toEqual(["__ds.migrate_runs", "__ds.migration_steps"]);
    expect(await lastMigrate(sql, "public", "br-1")).toMatch(/^\d{4}-/);
  });

  test("of a migration of one step, when nobody could undo it, there is nothing at all", async () => {
    folder.add("0000_a", "create table a (id int);");
    await run({ ledger });
    expect(await column("select 1 from pg_namespace where nspname = '__ds'")).toEqual([]);
  });
});

describe("what an earlier version noted beside the ledger", () => {
  test("is read where it is", async () => {
    await leaveFormerTables();
    const { report } = await check({ ledger });
    expect(report.begun).toEqual([{ migration: "0000_a", committedStatements: 2 }]);
    expect(await lastMigrate(sql, "public", "br-1")).toBe("2026-01-02T03:04:05.000000Z");
    expect(await ownAndFormer()).toEqual([
      "public.__ds_migrate_runs",
      "public.__ds_migration_steps",
    ]);
  });

  test("is moved by the next migrate, which goes on from there", async () => {
    await leaveFormerTables();
    expect(await run({ ledger })).toMatchObject({ applied: ["0000_a"] });
    expect(await column("select count(*)::int from a")).toEqual([1]);
    expect(await ownAndFormer()).toEqual(["__ds.migrate_runs", "__ds.migration_steps"]);
    expect(await column("select * from __ds.migration_steps")).toEqual([]);
    expect(await lastMigrate(sql, "public", "br-1")).toBe("2026-01-02T03:04:05.000000Z");
  });

  test("is moved once, wherever a run was killed, and waits for nobody who reads it", async () => {
    await leaveFormerTables();
    const reader = await connectPostgres(url, { what: "the test" });
    await reader.query(
      "begin; select * from __ds_migration_steps; select * from __ds_migrate_runs",
    );
    await run({ ledger });
    await reader.end();
    folder.add("0001_b", "select 1;");
    expect(await column("select count(*)::int from __ds_migrate_runs")).toEqual([0]);
    await run({ ledger, connect, undoable: true });
    expect(await column("select count(*)::int from __ds.migrate_runs")).toEqual([2]);
    expect(await ownAndFormer()).toEqual(["__ds.migrate_runs", "__ds.migration_steps"]);
  });
});

describe("a role that may not make a schema", () => {
  const database = () => new URL(url).pathname.slice(1);
  const role = "revoke create on database";

  test("is told what to do before a migration of several steps begins", async () => {
    folder.add("0000_a", "select 1;");
    await run({ ledger });
    await sql.query(`${role} ${database()} from current_user`);
    folder.add("0001_b", "create table a (id int);\nvacuum a;");
    expect(await failureOf(run({ ledger }))).toMatchObject({
      code: "UPSTREAM",
      reason: "OWN_SCHEMA_REFUSED",
    });
    expect(await column("select to_regclass('a')")).toEqual([null]);
  });

  test("goes on in the former tables' place with migrations of one step", async () => {
    await leaveFormerTables();
    await sql.query("drop table a");
    folder.edit("0000_a.sql", "create table a (id int);");
    await sql.query("delete from __ds_migration_steps");
    await sql.query(`${role} ${database()} from current_user`);
    expect(await run({ ledger, connect, undoable: true })).toMatchObject({ applied: ["0000_a"] });
    expect(await lastMigrate(sql, "public", "br-1")).toBe("2026-01-02T03:04:05.000000Z");
  });
});
