import { expect, test } from "vitest";
import type { Destructions, Loss } from "../../src/pitr/destructions/destruction.ts";
import { connected, sql, type TestBranch, type TestProject, uriWith } from "../support/branches.ts";
import type { TestEngine } from "../support/test-engine.ts";
import { withBranch, withEngine } from "../support/with-engine.ts";

/** What was destroyed in a branch is found in its log, and nothing else is taken for it. */

let engine: TestEngine;
let project: TestProject;
let branch: TestBranch;

withEngine((fresh) => {
  ({ engine, project } = fresh);
});
withBranch(
  () => project,
  (fresh) => {
    branch = fresh;
  },
);

async function ask(query = "", of = branch.id): Promise<{ status: number; body: Destructions }> {
  const url = new URL(
    `/engine/projects/${project.id}/branches/${of}/destructions${query}`,
    engine.url,
  );
  const response = await fetch(url, { headers: { authorization: `Bearer ${engine.apiKey}` } });
  return { status: response.status, body: (await response.json()) as Destructions };
}

const losses = async (): Promise<Loss[]> => {
  const { status, body } = await ask();
  expect(status, JSON.stringify(body)).toBe(200);
  expect(body.complete).toBe(true);
  return body.destructions.flatMap(({ transactions }) =>
    transactions.flatMap((each) => each.losses),
  );
};

const run = async (...statements: string[]) => {
  for (const statement of statements) await sql(branch.uri, statement);
};

/** Three tables in two schemas. */
const setUp = () =>
  run(
    `create schema sales;
     create table items (id serial primary key, label text, size int);
     insert into items (label) select 'item ' || n from generate_series(1, 50) n;
     create table sales.orders (id int primary key, body text);
     insert into sales.orders select n, repeat('x', 3000) from generate_series(1, 20) n;
     create table parts (n int, t text) partition by range (n);
     create table parts_1 partition of parts for values from (0) to (10);
     insert into parts values (1, 'a'), (2, 'b')`,
  );

const items = { database: "neondb", schema: "public", table: "items", rows: 50 };
const orders = { database: "neondb", schema: "sales", table: "orders", rows: 20 };

const cases: [string, string[], object[]][] = [
  ["drop table", ["drop table items"], [{ kind: "table-dropped", ...items }]],
  ["truncate", ["truncate items restart identity"], [{ kind: "table-truncated", ...items }]],
  [
    "drop schema cascade, made again at once",
    ["begin; drop schema sales cascade; create schema sales; commit"],
    [
      { kind: "schema-dropped", database: "neondb", schema: "sales" },
      { kind: "table-dropped", ...orders },
    ],
  ],
  [
    "drop column",
    ["alter table items drop column label"],
    [{ kind: "column-dropped", ...items, column: "label" }],
  ],
  ["delete without where", ["delete from items"], [{ kind: "all-rows-deleted", ...items }]],
  [
    "update without where",
    ["update items set label = 'gone'"],
    [{ kind: "all-rows-updated", ...items }],
  ],
  [
    "delete and truncate in a part that is a savepoint's",
    [
      "begin; savepoint a; delete from items; release a; savepoint b; truncate sales.orders; commit",
    ],
    [
      { kind: "all-rows-deleted", ...items },
      { kind: "table-truncated", ...orders },
    ],
  ],
  [
    "a truncated table beside one that is rewritten",
    [
      "begin; truncate sales.orders; alter table items alter id type bigint, alter label type varchar(20); commit",
    ],
    [{ kind: "table-truncated", ...orders }],
  ],
  [
    "tables, one by one, after what hangs between them, as a tool does it",
    [
      "alter table items add constraint positive check (size > 0)",
      "alter table items drop constraint positive",
      "drop table items",
    ],
    [
      { kind: "definitions-dropped", database: "neondb" },
      { kind: "table-dropped", ...items },
    ],
  ],
  [
    "a partition",
    ["drop table parts_1"],
    [{ kind: "table-dropped", database: "neondb", schema: "public", table: "parts_1", rows: 2 }],
  ],
];

test.each(cases)("%s", async (_, statements, expected) => {
  await setUp();
  await run(...statements);
  expect(await losses()).toEqual(expected);
});

test("what only looks like it is none", async () => {
  await setUp();
  await run(
    "create index label on items (label)",
    "reindex table items",
    "vacuum full items",
    "cluster items using items_pkey",
    "alter table items alter id type bigint",
    "alter table items add column note text default md5(random()::text)",
    "drop index label",
    "create materialized view seen as select * from items; refresh materialized view seen; drop materialized view seen",
    "create view all_items as select * from items; drop view all_items",
    "begin; create table made (n int); insert into made select generate_series(1, 5); delete from made; drop table made; commit",
    "begin; drop table items; rollback",
    "begin; truncate items; rollback",
    "delete from items where id <= 10; update items set size = 1 where id <= 20",
    "begin; update items set size = size + 1 where id = 11; update items set size = size + 1 where id = 11; commit",
    "insert into items (label) values ('new'); delete from items where label = 'new'",
    "create table empty (n int); truncate empty",
  );
  expect(await losses()).toEqual([]);
});

test("a database that is dropped", async () => {
  await sql(branch.uri, "create database second");
  await sql(uriWith(branch.uri, { db: "second" }), "create table kept as select 1 as n");
  await sql(branch.uri, "drop database second");
  expect(await losses()).toEqual([{ kind: "database-dropped", database: "second" }]);
});

test("each is told where the branch is just before it, and what came after; restored to there, it is as it was", async () => {
  await setUp();
  const state = () => sql(branch.uri, "select id, label from items order by id");
  const whole = await state();
  // Another's work at the same time is committed before it, and belongs to the state before.
  await connected(branch.uri, async (other) => {
    await other.query("begin; delete from items");
    await run("insert into sales.orders values (99, 'in time')");
    await other.query("commit");
  });
  await run("insert into items (label) values ('late')", "create table later (n int)");
  const { body } = await ask("?limit=1");
  const [found] = body.destructions;
  expect(found).toMatchObject({
    transactions: [{ losses: [{ kind: "all-rows-deleted", ...items }] }],
    since: {
      rows: [{ table: "items", inserted: 1, updated: 0, deleted: 0 }],
      tablesCreated: [{ table: "later" }],
    },
  });
  const first = found?.transactions[0];
  const made = await project.call<{ branch: { id: string } }>(201, "POST", "/branches", {
    branch: { name: `${branch.name}-before`, parent_id: branch.id, parent_lsn: first?.lsn },
    endpoints: [{ type: "read_write" }],
  });
  const before = (await project.list()).find(({ id }) => id === made.branch.id);
  const uri = await project.uriOf({ ...branch, ...made.branch });
  expect(await sql(uri, "select id, label from items order by id")).toEqual(whole);
  expect(await sql(uri, "select body from sales.orders where id = 99")).toEqual([
    { body: "in time" },
  ]);
  await project.delete({ ...branch, id: before?.id ?? "" });
});

test("nothing is left of the search: no extension, no function, no open transaction, no data", async () => {
  await setUp();
  await run("drop table items");
  await losses();
  const left = `select count(*)::int as n from pg_extension where extname like '%walinspect%'
    union all select count(*)::int from pg_proc where probin like '%walinspect%'
    union all select count(*)::int from pg_stat_activity where state like 'idle in transaction%'`;
  expect(await sql(branch.uri, left)).toEqual([{ n: 0 }, { n: 0 }, { n: 0 }]);
  expect(engine.log.filter((line) => line.includes("failed"))).toEqual([]);
});

test("a branch's history begins with it: what its parent has lost is not its own", async () => {
  await sql(project.main.uri, "create table short (n int); drop table short");
  const fresh = await project.branch(`${branch.name}-fresh`);
  expect((await ask("", fresh.id)).body).toMatchObject({ complete: true, destructions: [] });
  await project.delete(fresh);
});

test("a branch that is not there, and numbers that are none", async () => {
  expect((await ask("", "br-no-such-branch")).status).toBe(404);
  expect((await ask("?limit=0")).status).toBe(400);
  expect((await ask("?limit=many")).status).toBe(400);
});

test("where nothing of the past is kept, that is said", async () => {
  const made = await engine.call<{ project: { id: string }; branch: { id: string } }>(
    201,
    "POST",
    "/projects",
    { project: { name: "no-history", history_retention_seconds: 0 } },
  );
  const url = `/engine/projects/${made.project.id}/branches/${made.branch.id}/destructions`;
  const response = await fetch(new URL(url, engine.url), {
    headers: { authorization: `Bearer ${engine.apiKey}` },
  });
  expect(response.status).toBe(422);
  expect(await response.json()).toMatchObject({ code: "NO_HISTORY" });
});
