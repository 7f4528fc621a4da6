import { expect, test } from "vitest";
import { readStatements } from "../../sql/parse.ts";
import { LockCatalogue } from "./catalogue.ts";
import { planStatement } from "./plan-statement.ts";

async function plan(sql: string, known = LockCatalogue.empty) {
  const [statement] = await readStatements(sql);
  if (statement?.node === undefined) throw new Error(`not parsed: ${sql}`);
  const { locks, effects } = planStatement(statement.node, known);
  return [
    ...locks.map(({ table, mode }) => `${mode} ${table.replaceAll('"', "")}`),
    ...effects.map(({ kind, table }) => `${kind} ${table.replaceAll('"', "")}`),
  ];
}

test.each([
  ["select * from a join s.b using (id)", ["ACCESS SHARE a", "ACCESS SHARE s.b"]],
  ["with c as (select 1) select * from c, a", ["ACCESS SHARE a"]],
  ["select * from a for update", ["ROW SHARE a"]],
  ["select * from a, b x for update of x", ["ACCESS SHARE a", "ROW SHARE b"]],
  ["with a as (select * from a) select * from a", ["ACCESS SHARE a"]],
  ["with c as (delete from b returning 1) select * from c", ["ROW EXCLUSIVE b", "scan b"]],
  [
    "with c as (delete from b where x returning 1) insert into a select * from c",
    ["ROW EXCLUSIVE a", "ROW EXCLUSIVE b"],
  ],
  ["copy a from stdin", ["ROW EXCLUSIVE a"]],
  ["copy a to stdout", ["ACCESS SHARE a"]],
  ["insert into a select * from b", ["ROW EXCLUSIVE a", "ACCESS SHARE b"]],
  ["update a set x = 1", ["ROW EXCLUSIVE a", "scan a"]],
  ["update a set x = 1 where id = 1", ["ROW EXCLUSIVE a"]],
  ["delete from a using b where true", ["ROW EXCLUSIVE a", "ACCESS SHARE b"]],
  ["create view v as select * from a", ["ACCESS SHARE a"]],
  ["create table n (id int)", []],
  ["create table n (a_id int references a)", ["SHARE ROW EXCLUSIVE a"]],
  ["create table n partition of p for values in (1)", ["ACCESS EXCLUSIVE p"]],
  ["create index on a (id)", ["SHARE a", "scan a"]],
  ["create index concurrently i on a (id)", ["SHARE UPDATE EXCLUSIVE a", "scan a"]],
  ["drop table a, b", ["ACCESS EXCLUSIVE a", "ACCESS EXCLUSIVE b"]],
  ["drop trigger t on s.a", ["ACCESS EXCLUSIVE s.a"]],
  ["create trigger t before update on a execute function f()", ["SHARE ROW EXCLUSIVE a"]],
  ["truncate a", ["ACCESS EXCLUSIVE a"]],
  ["refresh materialized view m", ["ACCESS EXCLUSIVE m", "rewrite m"]],
  ["refresh materialized view concurrently m", ["EXCLUSIVE m", "rewrite m"]],
  ["vacuum a", ["SHARE UPDATE EXCLUSIVE a"]],
  ["vacuum full a", ["ACCESS EXCLUSIVE a", "rewrite a"]],
  ["lock table a in share mode", ["SHARE a"]],
  ["lock table a", ["ACCESS EXCLUSIVE a"]],
  ["alter table a rename to b", ["ACCESS EXCLUSIVE a"]],
  ["create function f() returns int language sql as 'select 1'", []],
  ["alter table a add column x int", ["ACCESS EXCLUSIVE a"]],
  ["alter table a add column x int not null default 3", ["ACCESS EXCLUSIVE a"]],
  ["alter table a add column x timestamptz default now()", ["ACCESS EXCLUSIVE a"]],
  [
    "alter table a add column x uuid default gen_random_uuid()",
    ["ACCESS EXCLUSIVE a", "rewrite a"],
  ],
  ["alter table a add column x serial", ["ACCESS EXCLUSIVE a", "rewrite a"]],
  [
    "alter table a add column x int generated always as (1) stored",
    ["ACCESS EXCLUSIVE a", "rewrite a"],
  ],
  ["alter table a add column x int generated always as (1) virtual", ["ACCESS EXCLUSIVE a"]],
  [
    "alter table a add column x int references b",
    ["ACCESS EXCLUSIVE a", "SHARE ROW EXCLUSIVE b", "scan a"],
  ],
  ["alter table a alter x type bigint", ["ACCESS EXCLUSIVE a", "rewrite a"]],
  ["alter table a alter x set not null", ["ACCESS EXCLUSIVE a", "scan a"]],
  ["alter table a alter x set statistics 100", ["SHARE UPDATE EXCLUSIVE a"]],
  ["alter table a alter x set default 1", ["ACCESS EXCLUSIVE a"]],
  ["alter table a add check (x > 0)", ["ACCESS EXCLUSIVE a", "scan a"]],
  ["alter table a add constraint c check (x > 0) not valid", ["ACCESS EXCLUSIVE a"]],
  ["alter table a validate constraint c", ["SHARE UPDATE EXCLUSIVE a", "scan a"]],
  [
    "alter table a add foreign key (x) references b",
    ["SHARE ROW EXCLUSIVE a", "SHARE ROW EXCLUSIVE b", "scan a"],
  ],
  [
    "alter table a add constraint c foreign key (x) references b not valid",
    ["SHARE ROW EXCLUSIVE a", "SHARE ROW EXCLUSIVE b"],
  ],
  ["alter table a add unique (x)", ["ACCESS EXCLUSIVE a", "scan a"]],
  ["alter table a add unique using index i", ["ACCESS EXCLUSIVE a"]],
  ["alter table a disable trigger all", ["SHARE ROW EXCLUSIVE a"]],
  ["alter table a set (fillfactor = 50)", ["SHARE UPDATE EXCLUSIVE a"]],
  ["alter table a set unlogged", ["ACCESS EXCLUSIVE a", "rewrite a"]],
  [
    "alter table p attach partition q for values in (1)",
    ["SHARE UPDATE EXCLUSIVE p", "ACCESS EXCLUSIVE q", "scan p"],
  ],
  [
    "alter table p detach partition q concurrently",
    ["SHARE UPDATE EXCLUSIVE p", "ACCESS EXCLUSIVE q"],
  ],
])("%s", async (sql, expected) => {
  expect(await plan(sql)).toEqual(expected);
});

const users = { name: '"users"', qualified: '"public"."users"', schema: "public", table: null };
const catalogue = new LockCatalogue({
  relations: [
    { ...users, kind: "r" },
    { ...users, kind: "i", name: '"i"', qualified: '"public"."i"', table: '"users"' },
    { ...users, kind: "p", name: '"p"', qualified: '"public"."p"' },
    { ...users, kind: "r", name: '"p1"', qualified: '"public"."p1"' },
  ],
  foreignKeys: [],
  children: [{ parent: '"p"', child: '"p1"', isDefault: false }],
  uses: [],
});

// What runs in a transaction is compared with pg_locks in cli/test/migrations/migrate-plan-locks.test.ts.
test.each([
  ["drop index i", ["ACCESS EXCLUSIVE users"]],
  ["drop index concurrently public.i", ["SHARE UPDATE EXCLUSIVE users"]],
  ["reindex (concurrently) index i", ["SHARE UPDATE EXCLUSIVE users", "scan users"]],
  ["reindex index i", ["SHARE users", "ACCESS EXCLUSIVE i", "scan users"]],
  ["reindex schema other", []],
  ["vacuum p", ["SHARE UPDATE EXCLUSIVE p", "SHARE UPDATE EXCLUSIVE p1"]],
  ["vacuum only p", ["SHARE UPDATE EXCLUSIVE p"]],
  ["analyze", ["users", "p", "p1"].map((table) => `SHARE UPDATE EXCLUSIVE ${table}`)],
  ["truncate p, public.p", ["ACCESS EXCLUSIVE p", "ACCESS EXCLUSIVE p1"]],
])("%s, by the catalogue", async (sql, expected) => {
  expect(await plan(sql, catalogue)).toEqual(expected);
});

test("an index that is locked by itself says whose it is", async () => {
  const [statement] = await readStatements("alter index i rename to j");
  expect(statement?.node && planStatement(statement.node, catalogue).locks).toEqual([
    { table: '"i"', mode: "SHARE UPDATE EXCLUSIVE", indexOf: '"users"' },
  ]);
});

test.each([
  "do 'begin end'",
  "drop type t cascade",
  "drop statistics s",
  "alter domain d set not null",
])("%s: not all is known", async (sql) => {
  const [statement] = await readStatements(sql);
  expect(statement?.node && planStatement(statement.node).opaque).toBe(true);
});
