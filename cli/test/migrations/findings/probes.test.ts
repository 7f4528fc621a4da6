import type { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { probe } from "../../../src/migrations/findings/io/probe.ts";
import {
  noteProductionSizes,
  readProductionSizes,
} from "../../../src/migrations/findings/io/production-sizes.ts";
import { readSchemaFacts } from "../../../src/migrations/findings/io/read-schema.ts";
import { judge } from "../../../src/migrations/findings/judge.ts";
import { SchemaModel } from "../../../src/migrations/findings/model/schema-model.ts";
import { settle } from "../../../src/migrations/findings/settle.ts";
import { parseMigration } from "../../../src/migrations/folder/parsed-migration.ts";
import { LockCatalogue } from "../../../src/migrations/plan/locks/catalogue.ts";
import { connectPostgres } from "../../../src/postgres/io/connect.ts";
import { type PostgresServer, startPostgres } from "../../helpers/postgres-server.ts";

/** Findings that a look at real rows settles, one way and the other. */

let server: PostgresServer;
let sql: Client;

beforeAll(async () => {
  server = await startPostgres();
  sql = await connectPostgres(await server.createDatabase(), { what: "the test" });
  await sql.query(`
    create type mood as enum ('good', 'bad');
    create schema "Odd ""s";
    create table parents (id bigint primary key);
    create table people (
      id bigint primary key, name text, email text, age text, parent_id bigint, mood text, price numeric(10, 3),
      born timestamptz, code varchar(40), filled text not null, "odd ""name" text);
    create table "Odd ""s"."T" (a int, b text);
    create table empty (id bigint primary key, name text);
    insert into parents select generate_series(1, 10);
    insert into people select n, nullif('n' || n, 'n7'), case when n < 3 then 'same' else 'e' || n end,
      case when n = 5 then 'old' else n::text end, case when n = 9 then 99 else n end,
      case when n = 4 then 'ugly' else 'good' end, case when n = 8 then 1.005 else 2.5 end,
      '2026-01-01 12:00', 'c' || n, 'f', nullif('x' || n, 'x3') from generate_series(1, 10) n;
    insert into "Odd ""s"."T" values (1, null), (1, 'x');`);
});
afterAll(async () => {
  await sql.end();
  await server.stop();
});

const settings = { rules: {}, smallTable: { rows: 0, bytes: 0 } };

async function findings(text: string) {
  const migration = { name: "0001_a", file: "0001_a.sql", sql: text } as never;
  const parsed = await parseMigration(migration);
  if (parsed === undefined) throw new Error(`not SQL: ${text}`);
  const schema = new SchemaModel(await readSchemaFacts(sql));
  const { suspicions } = judge([parsed], schema, LockCatalogue.empty, settings);
  const results = [{ results: await probe(sql, suspicions), where: "branch dev-x" }];
  return settle(suspicions, { results, sizes: new Map(), production: new Map(), settings });
}

test.each<[sql: string, rule: string, rows: number, keys: string]>([
  ["alter table people alter name set not null", "nulls", 1, "id=7"],
  ['alter table people alter "odd ""name" set not null', "nulls", 1, "id=3"],
  ['alter table "Odd ""s"."T" alter b set not null', "nulls", 1, "ctid=(0,1)"],
  ["alter table people add constraint p unique (email)", "duplicates", 2, "id=1; id=2"],
  ["create unique index concurrently p on people (email)", "duplicates", 2, "id=1; id=2"],
  ['create unique index on "Odd ""s"."T" (a)', "duplicates", 2, "ctid=(0,1); ctid=(0,2)"],
  ["alter table people add check (id < 10)", "check-violated", 1, "id=10"],
  ["alter table people add foreign key (parent_id) references parents", "orphans", 1, "id=9"],
  ["alter table people alter age type integer using age::integer", "casts", 1, "id=5"],
  ["alter table people alter mood type mood using mood::mood", "casts", 1, "id=4"],
  [
    "create type feeling as enum ('good'); alter table people alter mood type feeling using mood::feeling",
    "casts",
    1,
    "id=4",
  ],
  ["alter table people alter price type numeric(10, 2)", "narrowing", 1, "id=8"],
  ["alter table people alter code type varchar(2) using code::varchar(2)", "narrowing", 1, "id=10"],
  ["alter table people add column due date not null", "required-column", 10, "id=1; id=2; id=3"],
  ["alter table people drop column name", "drop-column", 9, "id=1; id=2; id=3"],
  ["drop table parents cascade", "drop-table", 10, "id=1; id=2; id=3"],
  ["truncate people", "truncate", 10, "id=1; id=2; id=3"],
  ["delete from people", "delete-all", 10, "id=1; id=2; id=3"],
])("%s: %s of %i rows", async (text, rule, rows, keys) => {
  const found = (await findings(text)).find((one) => one.rule === rule);
  expect(found?.severity).toBe("error");
  expect(found?.evidence[0]).toMatch(new RegExp(`^branch dev-x: ${rows} rows? `));
  expect(found?.evidence[0]).toContain(`(${keys})`);
});

test.each<[sql: string, ...rules: string[]]>([
  ["alter table people alter id set not null"],
  ["alter table people alter email set not null", "warning not-null-blocks"],
  ["alter table people add constraint p unique (code)", "warning unique-blocks"],
  ["alter table people add check (id < 11)", "warning check-blocks"],
  [
    "alter table people add foreign key (id) references parents",
    "warning foreign-key-blocks-writes",
  ],
  [
    "alter table people alter code type varchar(3) using code::varchar(3)",
    "warning changed-type",
    "warning type-rewrites",
  ],
  ["alter table empty drop column name", "warning still-selected", "note drop-column"],
  ["drop table empty", "warning still-selected", "note drop-table"],
  ["truncate empty"],
  ["alter table empty add column x int not null", "warning required-column"],
])("%s: no row is against it", async (text, ...rules) => {
  const found = await findings(text);
  expect(found.map(({ rule, severity }) => `${severity} ${rule}`)).toEqual(rules);
});

test.each([
  [
    "update people set name = '' where name is null; alter table people alter name set not null",
    "nulls",
  ],
  [
    "do $$ begin update people set name = ''; end $$; alter table people alter name set not null",
    "nulls",
  ],
  ["alter table people rename name to title; alter table people alter title set not null", "nulls"],
  ["alter table people add check (1 / (id - 1) > 0)", "check-violated"],
])("%s: cannot be told before", async (text, rule) => {
  const found = (await findings(text)).find((one) => one.rule === rule);
  expect(found?.severity).toBe("note");
  expect(found?.evidence[0]).toMatch(/^branch dev-x: not tried: /);
});

test("production's sizes, as a refresh notes them, weigh too", async () => {
  const production = await connectPostgres(await server.createDatabase(), { what: "production" });
  try {
    await production.query(
      "create table people (id int); insert into people select generate_series(1, 500); analyze",
    );
    await noteProductionSizes(production, sql);
    await noteProductionSizes(production, sql);
    const sizes = await readProductionSizes(sql, ['"people"', '"public"."people"', '"empty"']);
    expect(Object.fromEntries([...sizes].map(([table, { rows }]) => [table, rows]))).toEqual({
      '"people"': 500,
      '"public"."people"': 500,
    });
  } finally {
    await production.end();
    await sql.query("drop schema __ds cascade");
  }
});

test("nothing is changed by a look, and nobody waits for it", async () => {
  await findings("alter table people alter name set not null; drop table people");
  const { rows } = await sql.query("select count(*)::int as n from people");
  expect(rows[0]).toEqual({ n: 10 });
});
