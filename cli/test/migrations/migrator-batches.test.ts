import type { Client } from "pg";
import { expect, test } from "vitest";
import { until } from "../../../scripts/test-support/until.ts";
import { connectPostgres } from "../../src/postgres/io/connect.ts";
import {
  column as columnOf,
  failureOf,
  type TestMigrator,
  withMigrator,
} from "../helpers/migrations/migrate-test.ts";
import type { TestFolder } from "../helpers/migrations/migrations-folder.ts";

// `-- ds:batches`: an UPDATE that is committed batch by batch, and goes on where a run has died.

let url: string;
let folder: TestFolder;
let sql: Client;
let events: TestMigrator["events"];
let run: TestMigrator["run"];

withMigrator((fresh) => {
  ({ url, folder, sql, events, run } = fresh);
});

const column = (query: string) => columnOf(sql, query);
const fill = "-- ds:batches\nupdate a set b = id * 2 where b is null -- all of them\n;";
const table = (rows: number) =>
  `create table a (id int, b int); insert into a select g from generate_series(1, ${rows}) g;`;
const transactions = () => column("select count(distinct xmin::text)::int from a");

test("every row once, in many transactions, each row's value as the statement has it", async () => {
  folder.add("0000_a", table(50_000));
  folder.add("0001_b", fill);
  expect(await run()).toMatchObject({ applied: ["0000_a", "0001_b"] });
  expect(await column("select count(*)::int from a where b = id * 2")).toEqual([50_000]);
  expect((await transactions())[0]).toBeGreaterThan(3);
  expect(events).toContainEqual({
    kind: "filled",
    migration: "0001_b",
    table: '"a"',
    rows: 50_000,
  });
});

test("of a partitioned table, and of one without rows", async () => {
  folder.add(
    "0000_a",
    `create table a (id int, b int) partition by range (id);
     create table a1 partition of a for values from (0) to (100);
     create table a2 partition of a for values from (100) to (100000);
     create table e (b int);
     insert into a select g from generate_series(1, 20000) g;`,
  );
  folder.add("0001_b", `${fill}\n-- ds:batches\nupdate e set b = 1 where b is null;`);
  await run();
  expect(await column("select count(*)::int from a where b = id * 2")).toEqual([20_000]);
});

test("a value that stays null ends, too", async () => {
  folder.add("0000_a", table(3000));
  folder.add("0001_b", "-- ds:batches\nupdate a set b = nullif(id, 7) where b is null;");
  await run();
  expect(await column("select id from a where b is null")).toEqual([7]);
});

test("in the middle of it the batches are committed; what follows goes on with the rest", async () => {
  folder.add("0000_a", table(30_000));
  await run();
  folder.add("0001_b", `create table c ();\n${fill}\ncreate table d ();`);
  const other = await connectPostgres(url, { what: "the test" });
  await other.query("begin; update a set id = id where id = 25000");
  const error = await failureOf(run({ wait: 3000 }));
  expect(error).toMatchObject({ code: "LOCKED" });
  const [done] = await column("select count(*)::int from a where b is not null");
  expect(done).toBeGreaterThan(0);
  expect(done).toBeLessThan(30_000);
  expect(await column("select step from __ds.migration_steps where done")).toEqual([0]);
  await other.query("commit");
  await other.end();
  expect(await run()).toMatchObject({ applied: ["0001_b"] });
  expect(await column("select count(*)::int from a where b = id * 2")).toEqual([30_000]);
});

test("a connection that is lost at any batch loses nothing", async () => {
  // A few rows a block, so that there are many batches.
  folder.add(
    "0000_a",
    "create table a (id int, b int, c text); insert into a select g, null, repeat('x', 1000) from generate_series(1, 2000) g;",
  );
  await run();
  // Slow enough for somebody to come in between.
  await sql.query(
    "create function slow(n int) returns int language plpgsql as $$ begin perform pg_sleep(0.0001); return n * 2; end $$",
  );
  folder.add("0001_b", "-- ds:batches\nupdate a set b = slow(id) where b is null;");
  let last = 0;
  for (let kills = 0; kills < 3; kills += 1) {
    const failing = failureOf(run());
    const count = async () =>
      Number((await column("select count(*)::int from a where b is not null"))[0]);
    await until("a batch", async () => (await count()) > last);
    await sql.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ds migrate test' and datname = current_database()",
    );
    expect(await failing).toMatchObject({ reason: "CONNECTION_LOST" });
    const now = await count();
    expect(now).toBeGreaterThan(last);
    last = now;
  }
  await run();
  expect(await column("select count(*)::int from a where b = id * 2")).toEqual([2000]);
});

test("what might change a row twice is refused before anything is run", async () => {
  folder.add("0000_a", table(10));
  folder.add("0001_b", "-- ds:batches\nupdate a set b = id;");
  expect(await failureOf(run())).toMatchObject({ code: "MIGRATION_REFUSED" });
  expect(await column("select to_regclass('a')::text")).toEqual([null]);
});
