import { describe, expect, test } from "vitest";
import { calledFunctions, destruction } from "./destructive.ts";
import { readStatements } from "./parse.ts";

async function nodeOf(sql: string) {
  const [statement] = await readStatements(sql);
  if (statement?.node === undefined) throw new Error(`not parsed: ${sql}`);
  return statement.node;
}

describe("what destroys", () => {
  test.each([
    ["drop table a", "drops a table"],
    ["drop schema public cascade", "drops a schema"],
    ["drop index concurrently a", "drops an index"],
    ["drop materialized view a", "drops a matview"],
    ["drop database a", "drops a database"],
    ["drop owned by a", "drops what a role owns"],
    ["drop role a", "drops a role"],
    ["truncate a, b", "truncates"],
    ["delete from a", "deletes all rows"],
    ["delete from a where true", "deletes all rows"],
    ["delete from a where 1 = 1 or 'a' = 'b'", "deletes all rows"],
    ["update a set b = 1", "updates all rows"],
    ["with gone as (delete from a returning *) select * from gone", "deletes all rows"],
    [
      "with gone as (update a set b = 1 returning *) insert into c select * from gone",
      "updates all rows",
    ],
    ["explain analyze delete from a", "deletes all rows"],
    ["alter table a drop column b", "drops a column"],
    ["alter table a add column c int, drop column b", "drops a column"],
    ["alter table a drop constraint b", "drops a constraint"],
    ["alter table a alter column b type int using 0", "changes the type of a column"],
    ["alter type t drop attribute b", "drops a column"],
    ["merge into a using b on a.id = b.id when matched then delete", "deletes rows by MERGE"],
    ["do $$ begin drop table a; end $$", "runs a block"],
    ["call clean()", "calls a procedure"],
    ["create table b as select 1", undefined],
    ["delete from a where id = 1", undefined],
    ["delete from a where id in (select 1)", undefined],
    ["delete from a where now() > 'yesterday'", undefined],
    ["update a set b = 1 where exists (select from c)", undefined],
    ["alter table a add column c int, alter column d drop not null", undefined],
    ["insert into a values ('drop table a')", undefined],
    ["select 'delete from a'", undefined],
    ["merge into a using b on a.id = b.id when matched and b.old then delete", undefined],
  ])("%s", async (sql, expected) => {
    expect(destruction(await nodeOf(sql))).toBe(expected);
  });
});

test("functions that a statement calls, wherever they stand and whatever their schema", async () => {
  const sql =
    "select pg_catalog.f(g(1)) from h() where exists (select i() over ()) order by case when j() then 1 end";
  expect(calledFunctions(await nodeOf(sql)).sort()).toEqual(["f", "g", "h", "i", "j"]);
});
