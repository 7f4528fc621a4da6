import { expect, test } from "vitest";
import { parseMigration } from "../folder/parsed-migration.ts";
import { LockCatalogue } from "../plan/locks/catalogue.ts";
import { judge } from "./judge.ts";
import { SchemaModel } from "./model/schema-model.ts";
import type { RuleSettings } from "./settings.ts";

const settings: RuleSettings = { rules: {}, smallTable: { rows: 0, bytes: 0 } };

const before = `
  create type mood as enum ('a', 'b');
  create table a (id bigint primary key, name text, email varchar(20) not null default 'x', n numeric(10, 2), at timestamptz,
    mood mood, small integer);
  create table b (id bigint primary key, a_id bigint references a, c_id bigint);
  create index b_a on b (a_id);
  create table c (id bigint primary key, constraint c_ok check (id > 0));
  create schema s;
  create table s.t (id bigint);`;

async function judged(sql: string, rules: RuleSettings["rules"] = {}) {
  const schema = new SchemaModel();
  const parsed = async (name: string, text: string) => {
    const migration = { name, file: `${name}.sql`, sql: text } as never;
    const read = await parseMigration(migration);
    if (read === undefined) throw new Error(`not SQL: ${text}`);
    return read;
  };
  judge([await parsed("0000_before", before)], schema, LockCatalogue.empty, settings);
  schema.takeAsGiven();
  return judge([await parsed("0001_after", sql)], schema, LockCatalogue.empty, {
    ...settings,
    rules,
  });
}

async function found(sql: string, rules?: RuleSettings["rules"]) {
  const { idle, suspicions } = await judged(sql, rules);
  return [...suspicions.map(({ finding }) => finding), ...idle].map(
    ({ ignored, rule, severity }) =>
      `${severity} ${rule}${ignored === undefined ? "" : " (ignored)"}`,
  );
}

test.each<[sql: string, ...rules: string[]]>([
  // Data loss
  ["drop table a", "warning drop-table", "warning still-selected"],
  ["drop table if exists public.a cascade", "warning drop-table", "warning still-selected"],
  ["create table x (id int); drop table x"],
  ["alter table a drop column name", "warning drop-column", "warning still-selected"],
  ["alter table a add column x int; alter table a drop column x"],
  ["drop schema s cascade", "error drop-schema"],
  ["drop schema empty"],
  ["drop database x", "error drop-database"],
  ["drop type mood cascade", "error drop-type"],
  ["truncate b", "warning truncate"],
  ["truncate a cascade", "warning truncate", "error truncate-cascade"],
  ["delete from b", "warning delete-all", "warning big-update"],
  ["delete from b where id = 1"],
  ["delete from b where true", "warning delete-all", "warning big-update"],
  ["update a set name = 'x'", "warning update-all", "warning big-update"],
  [
    "alter table a add column x text; update a set x = name",
    "warning backfill-with-change",
    "warning big-update",
  ],
  [
    "alter table a alter n type numeric(10, 1)",
    "warning narrowing",
    "warning changed-type",
    "note casts",
    "warning type-rewrites",
  ],
  [
    "alter table a alter at type date",
    "warning narrowing",
    "warning changed-type",
    "note casts",
    "warning type-rewrites",
  ],
  // The application
  ["alter table a rename to z", "warning rename-table"],
  ["alter table a rename column name to title", "warning rename-column"],
  ["alter table a rename constraint a_pkey to p"],
  ["alter index b_a rename to x"],
  ["alter schema s rename to r", "warning rename-other"],
  ["alter type mood rename value 'a' to 'c'", "warning rename-other"],
  ["alter table a set schema s", "warning rename-other"],
  ["alter table a add column x int not null", "warning required-column"],
  ["alter table a add column x int not null default 1"],
  ["alter table a add column x int"],
  ["alter table a alter email drop default", "warning dropped-default"],
  ["alter table a alter email set default 'y'", "note changed-default"],
  ["alter table a alter email drop not null", "note now-nullable"],
  ["alter table a alter email type text"],
  ["alter table a alter email type varchar(40)"],
  [
    "alter table a alter email type varchar(10)",
    "warning changed-type",
    "note casts",
    "warning type-rewrites",
  ],
  ["alter table a alter small type bigint", "note casts", "warning type-rewrites"],
  ["alter table a enable row level security", "warning row-security"],
  ["create policy p on a using (true)", "note changed-policy"],
  ["revoke select on a from public", "warning revoked"],
  ["drop view v", "note drop-view"],
  ["drop view v; create view v as select 1", "note drop-view"],
  // The data
  ["alter table a alter name set not null", "note nulls", "warning not-null-blocks"],
  ["alter table a alter email set not null"],
  ["alter table a add constraint u unique (name)", "note duplicates", "warning unique-blocks"],
  ["create unique index concurrently u on a (name)", "note duplicates"],
  ["create unique index concurrently u on a (id, name)"],
  [
    "alter table a add constraint k check (name <> '')",
    "note check-violated",
    "warning check-blocks",
  ],
  ["alter table a add constraint k check (name <> '') not valid"],
  [
    "alter table b add constraint f foreign key (c_id) references c",
    "note orphans",
    "warning foreign-key-blocks-writes",
  ],
  ["alter table b add constraint f foreign key (c_id) references c not valid"],
  [
    "alter table a alter name type integer using name::integer",
    "warning changed-type",
    "note casts",
    "warning type-rewrites",
  ],
  // Blocking
  ["create index i on a (name)", "warning index-blocks-writes"],
  ["create index concurrently i on a (name)"],
  ["create table x (id int); create index on x (id)"],
  ["drop index b_a", "note drop-index", "warning drop-index-blocks"],
  ["drop index concurrently b_a", "note drop-index"],
  ["alter table c drop constraint c_ok", "note drop-constraint"],
  ["alter table c drop constraint c_ok, add constraint c_ok check (id > 1) not valid"],
  ["reindex table a", "warning reindex-blocks"],
  ["reindex (concurrently) table a"],
  [
    "alter table a add constraint k check (id > 0) not valid; alter table a validate constraint k",
    "note check-violated",
    "warning validate-in-same-transaction",
  ],
  [
    "alter table a add constraint k check (id > 0) not valid; commit; alter table a validate constraint k",
    "note check-violated",
  ],
  [
    "alter table a add constraint k check (name is not null) not valid; commit; alter table a validate constraint k; alter table a alter name set not null",
    "note check-violated",
    "note nulls",
  ],
  ["alter domain d add check (value > 1)", "warning domain-constraint-blocks"],
  ["alter table a add column x uuid default gen_random_uuid()", "warning column-rewrites"],
  ["alter table a add column x timestamptz default now()"],
  ["alter table a add column x bigserial", "warning column-rewrites"],
  [
    "alter table a add column x int generated always as (small + 1) stored",
    "warning column-rewrites",
  ],
  ["alter table a add column x int generated always as (small + 1) virtual"],
  ["alter table a set unlogged", "warning table-rewrites"],
  ["vacuum full a", "warning table-rewrites"],
  ["cluster a using a_pkey", "warning table-rewrites"],
  ["refresh materialized view v", "warning refresh-blocks"],
  ["refresh materialized view concurrently v"],
  ["alter table a detach partition p", "warning partition-blocks"],
  ["alter table a detach partition p concurrently"],
  [
    "create trigger t before insert on a for each row execute function f()",
    "note trigger-blocks-writes",
  ],
  [
    "alter table a add column x int; create index i on b (c_id)",
    "warning index-blocks-writes",
    "warning work-under-lock",
  ],
  ["alter table a add column x int; commit; create index concurrently i on b (c_id)"],
  [
    `create table a_table_with_a_name_that_is_longer_than_the_limit_of_postgres_and_more (id int)`,
    "warning identifier-too-long",
  ],
])("%s", async (sql, ...rules) => {
  expect(await found(sql)).toEqual(rules);
});

test.each<[sql: string, rule: string]>([
  ["create table x (id serial primary key)", "prefer-bigint"],
  ["create table x (id bigserial)", "prefer-identity"],
  ["create table x (name varchar(20))", "prefer-text"],
  ["create table x (at timestamp)", "prefer-timestamptz"],
  ["create table x (v json)", "prefer-jsonb"],
  [
    "alter table b add constraint f foreign key (c_id) references c not valid",
    "foreign-key-without-index",
  ],
  ["create index concurrently x on b (a_id)", "duplicate-index"],
  ["create index concurrently x on a (name, email, n, at)", "wide-index"],
  ["create index concurrently x on a (name)", "prefer-if-exists"],
  ["alter type mood add value 'c'", "enum-order"],
  ["create domain d as text check (value <> '')", "constrained-domain"],
])("worth knowing, and off: %s", async (sql, rule) => {
  expect(await found(sql)).toEqual([]);
  expect(await found(sql, { [rule]: "note" })).toEqual([`note ${rule}`]);
  expect(await found(sql, { style: "warning" })).toContain(`warning ${rule}`);
});

test.each<[sql: string, rules: RuleSettings["rules"], ...found: string[]]>([
  ["drop table a", { "drop-table": "off" }],
  ["drop table a", { "data-loss": "off" }],
  ["drop table a", { "drop-table": "error", "data-loss": "off" }, "error drop-table"],
  ["-- ds:ignore drop-table nobody reads it\ndrop table a", {}, "warning drop-table (ignored)"],
  [
    "--> statement-breakpoint\n-- ds:ignore drop-table nobody reads it\ndrop table a",
    {},
    "warning drop-table (ignored)",
  ],
  ["-- ds:ignore drop-table\ndrop table a", {}, "warning drop-table", "warning ds-ignore"],
  [
    "-- ds:ignore drop-column it is new\ndrop table a",
    {},
    "warning drop-table",
    "warning ds-ignore",
  ],
  [
    "-- ds:ignore no-such-rule because\ndrop table a",
    {},
    "warning drop-table",
    "warning ds-ignore",
  ],
  [
    "-- ds:ignore drop-table it goes\ndrop table a; drop table b",
    {},
    "warning drop-table (ignored)",
    "warning drop-table",
  ],
])("%s with %j", async (sql, rules, ...expected) => {
  expect(await found(sql, { ...rules, "still-selected": "off" })).toEqual(expected);
});

test("a look at rows that a statement before it changes proves nothing", async () => {
  const { suspicions } = await judged(
    "update a set name = '' where name is null; alter table a alter name set not null",
  );
  const nulls = suspicions.find(({ rule }) => rule.name === "nulls");
  expect(nulls?.rowsChange).toBe(true);
});
