import { neon } from "@neondatabase/serverless";
import pg from "pg";
import { afterAll, describe, expect, test } from "vitest";
import { slow } from "../../../scripts/test-support/limits.ts";
import type { TestBranch } from "../support/branches.ts";
import { configureDriver, failureOf } from "../support/serverless.ts";
import { withEngine } from "../support/with-engine.ts";

/** Neon's driver over HTTP against `pg` over TCP: the same rows, fields and errors. */

let branch: TestBranch;
let client: pg.Client;

withEngine(async ({ project }) => {
  configureDriver();
  branch = project.main;
  client = new pg.Client({ connectionString: branch.uri });
  await client.connect();
  await client.query(`
    create table item (id int primary key, name text not null, parent_id int references item);
    create table pair (a int, b int, unique (a, b) deferrable initially deferred);
    create table loose (id int);
    create type mood as enum ('sad', 'happy');
  `);
});

afterAll(() => client?.end());

const sql = () => neon(branch.uri);

test("the tagged template, its pieces, and .query", async () => {
  const id = 7;
  expect(await sql()`select ${id}::int as id, ${"a'b"} as text`).toEqual([{ id: 7, text: "a'b" }]);
  const condition = sql()`where n > ${1}`;
  expect(await sql()`select n from generate_series(1, 3) n ${condition}`).toEqual([
    { n: 2 },
    { n: 3 },
  ]);
  expect(await sql().query("select $1::int + 1 as sum", [1])).toEqual([{ sum: 2 }]);
  const asLists = neon(branch.uri, { arrayMode: true });
  expect(await asLists`select 1 as a, 2 as a`).toEqual([[1, 2]]);
});

test.each<[what: string, text: string, values?: unknown[]]>([
  ["integers", "select 1::int2 as a, 2147483647 as b, 9007199254740993::int8 as c"],
  ["numeric", "select 12345678901234567890.123456789::numeric as n, 'NaN'::numeric as nan"],
  ["floats", "select 0.1::float8 as a, 'Infinity'::float8 as b, 'NaN'::float4 as c"],
  ["text", `select 'ä "q" \\ €' as t, '' as empty, e'line\\nbreak' as lines`],
  ["null", "select null as a, null::jsonb as b, null::int[] as c"],
  ["bool", "select true as t, false as f"],
  ["json", `select '{"a":[1,null,"x"]}'::json as j, '{"b":{"c":true}}'::jsonb as jb`],
  [
    "arrays",
    `select array[1,2,null] as i, array['a,b','"c"','NULL',null] as t, '{{1},{2}}'::int[]`,
  ],
  [
    "more arrays",
    "select array[timestamptz '2026-01-02'] as t, array['{}'::jsonb] as j, array[true, false] as b",
  ],
  ["bytea", "select '\\x00ff41'::bytea as b, '\\x'::bytea as empty"],
  ["times", "select '2026-01-02 03:04:05.678+02'::timestamptz as t, date '2026-01-02' as d"],
  [
    "other types",
    "select '1 day'::interval i, 'happy'::mood m, int4range(1, 5) r, '10.0.0.1'::inet",
  ],
  ["a table's columns", "select * from item"],
  ["no rows", "select 1 as one where false"],
  ["no columns", "select"],
  ["two columns of one name", "select 1 as a, 2 as a"],
  ["a column called __proto__", 'select 1 as "__proto__"'],
  ["insert", "insert into loose values (1), (2)"],
  ["returning", "insert into loose values (3) returning *"],
  ["update", "update item set name = name"],
  ["no match", "delete from pair where a = 99"],
  ["no count", "create table if not exists made (id int)"],
  ["nothing", ""],
  [
    "parameters",
    "select $1::int as i, $2::text as t, $3::jsonb as j, $4::int[] as a, $5::text as n",
    [1, 'a"b', { x: [1] }, [1, 2], null],
  ],
])("the same rows, fields, command and count as pg gives: %s", async (_, text, values = []) => {
  const { rows, rowCount, command, fields } = await client.query(text, values);
  const overHttp = await neon(branch.uri, { fullResults: true }).query(text, values);
  expect(overHttp.rows).toEqual(rows);
  expect(overHttp.rowCount).toBe(rowCount);
  expect(overHttp.command || null).toBe(command);
  expect(overHttp.fields).toEqual(fields.map((field) => ({ ...field })));
});

test("parameters that pg turns to text: dates, bytes, big numbers", async () => {
  const text = "select $1::timestamptz as at, $2::bytea as bytes, $3::int8 as big";
  const values = [new Date("2026-01-02T03:04:05.678Z"), Buffer.from([0, 255]), 2n ** 62n];
  expect(await sql().query(text, values)).toEqual((await client.query(text, values)).rows);
});

describe("errors have the fields that pg's have", () => {
  test.each([
    ["syntax", "selec 1"],
    ["an unknown column, with a position", "select nope from item"],
    ["a missing reference", "insert into item values (1, 'a', 99)"],
    ["a null", "insert into item values (1, null)"],
    ["a bad value", "select 'x'::int"],
    ["a deferred constraint", "insert into pair values (8, 8), (8, 8)"],
    ["inside a function", "do $$ begin perform 1 / 0; end $$"],
    ["raised with all fields", raise("detail = 'd', hint = 'h', column = 'c', datatype = 't'")],
    ["two statements", "select 1; select 2"],
  ])("%s", async (_, text) => {
    const overTcp = await failureOf(
      client.query({ text, queryMode: "extended" } as pg.QueryConfig),
    );
    const overHttp = await failureOf(sql().query(text));
    // The two differ in these alone: the class's name and pg's count of bytes.
    const { length: _length, name: _name, ...expected } = overTcp;
    const { name, sourceError: _source, ...found } = overHttp;
    expect(name).toBe("NeonDbError");
    expect(found).toEqual(expected);
  });

  test("too few and too many parameters", async () => {
    await expect(sql().query("select $1", [])).rejects.toMatchObject({
      code: "08P01",
      message: expect.stringContaining("supplies 0 parameters"),
    });
    await expect(sql().query("select $1", [1, 2])).rejects.toMatchObject({
      code: "08P01",
      message: expect.stringContaining("supplies 2 parameters"),
    });
  });

  test("COPY is refused rather than left hanging", async () => {
    await expect(sql().query("copy item from stdin")).rejects.toMatchObject({ code: "57014" });
  });
});

function raise(using: string): string {
  return `do $$ begin raise exception 'no' using errcode = '23514', table = 't', schema = 's', constraint = 'k', ${using}; end $$`;
}

describe("transactions", () => {
  test("all or nothing, one after the other", async () => {
    const run = sql();
    const [, count] = await run.transaction([
      run`insert into item values (100, 'a')`,
      run`select count(*)::int as n from item where id = 100`,
    ]);
    expect(count).toEqual([{ n: 1 }]);
    await expect(
      run.transaction([
        run`insert into item values (101, 'b')`,
        run`insert into item values (100, 'c')`,
      ]),
    ).rejects.toMatchObject({ code: "23505", constraint: "item_pkey" });
    expect(await run`select id from item where id = 101`).toEqual([]);
  });

  test("a constraint that is checked at the end fails the whole", async () => {
    const run = sql();
    await expect(
      run.transaction([run`insert into pair values (9, 9)`, run`insert into pair values (9, 9)`]),
    ).rejects.toMatchObject({ code: "23505" });
    expect(await run`select from pair where a = 9`).toEqual([]);
  });

  test.each(["ReadUncommitted", "ReadCommitted", "RepeatableRead", "Serializable"] as const)(
    "isolation %s",
    async (isolationLevel) => {
      const run = sql();
      const [[shown]] = (await run.transaction([run`show transaction_isolation`], {
        isolationLevel,
      })) as [[{ transaction_isolation: string }]];
      expect(shown.transaction_isolation.replace(" ", "")).toBe(isolationLevel.toLowerCase());
    },
  );

  test("read only and deferrable", async () => {
    const run = sql();
    const options = { isolationLevel: "Serializable", readOnly: true, deferrable: true } as const;
    expect(
      await run.transaction(
        [run`show transaction_read_only`, run`show transaction_deferrable`],
        options,
      ),
    ).toEqual([[{ transaction_read_only: "on" }], [{ transaction_deferrable: "on" }]]);
    await expect(
      run.transaction([run`insert into item values (1, 'a')`], options),
    ).rejects.toMatchObject({ code: "25006" });
  });

  test("an unknown isolation level is refused", async () => {
    const run = sql();
    await expect(
      run.transaction([run`select 1`], { isolationLevel: "Snapshot" as "Serializable" }),
    ).rejects.toThrow("invalid isolation level");
  });

  test("an empty one", async () => {
    expect(await sql().transaction([])).toEqual([]);
  });
});

test("nothing of a request is left for the next", async () => {
  const run = sql();
  await run.transaction([
    run`set search_path = pg_catalog`,
    run`create temporary table scratch (id int)`,
    run`select pg_advisory_lock(42)`,
  ]);
  expect(await run`select to_regclass('scratch') as t, current_schema() as s`).toEqual([
    { t: null, s: "public" },
  ]);
  const held = "select count(*)::int as n from pg_locks where locktype = 'advisory'";
  expect(await run.query(held)).toEqual([{ n: 0 }]);
});

test("50 requests at once, on a server that allows 50 connections", async () => {
  const answers = await Promise.all(
    Array.from({ length: 50 }, (_, i) => sql()`select ${i}::int as i, pg_sleep(0.02)::text as s`),
  );
  expect(answers.map(([row]) => row?.i)).toEqual(Array.from({ length: 50 }, (_, i) => i));
});

test("a large answer, and one over Neon's limit", async () => {
  const [row] =
    await sql()`select string_agg(md5(i::text), '') as big from generate_series(1, 200000) i`;
  expect(row?.big).toHaveLength(200_000 * 32);
  const many = await sql()`select i, md5(i::text) from generate_series(1, 100000) i`;
  expect(many).toHaveLength(100_000);
  const started = Date.now();
  await expect(
    sql()`select md5(i::text) from generate_series(1, 10000) i, generate_series(1, 10000)`,
  ).rejects.toThrow(/HTTP status 507.*response is too large \(max is 10485760 bytes\)/);
  // It did not read all of it, and nothing of it runs on.
  expect(Date.now() - started).toBeLessThan(slow(20_000));
  await expect.poll(running).toBe(0);
});

test("a request that is given up is cancelled in Postgres", async () => {
  const signal = AbortSignal.timeout(300);
  await expect(
    sql().query("select pg_sleep(600) as generate_series", [], { fetchOptions: { signal } }),
  ).rejects.toThrow(/abort|timeout/i);
  await expect.poll(running).toBe(0);
});

/** Statements of this file's long kind that are still under way. */
async function running(): Promise<number> {
  const { rows } = await client.query(
    `select count(*)::int as n from pg_stat_activity
     where query like '%generate_series%' and pid <> pg_backend_pid() and state = 'active'`,
  );
  return rows[0].n;
}
