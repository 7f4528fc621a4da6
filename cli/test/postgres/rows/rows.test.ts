import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compareRows } from "../../../src/postgres/rows/io/compare.ts";
import { pgTypes, typesSql } from "../../refresh/pg-types.ts";
import { applyChanges, oracle, randomFrom, tablesOfTest } from "./random-changes.ts";
import { counts, TwoSides } from "./two-sides.ts";

/** How many random change sets; 500 with TEST_ROW_SEEDS=500. */
const seeds = Number(process.env.TEST_ROW_SEEDS ?? 12);

let sides: TwoSides;

beforeAll(async () => {
  sides = await TwoSides.start();
});
afterAll(() => sides?.stop());

const withBoth: TwoSides["withBoth"] = (work) => sides.withBoth(work);
const make: TwoSides["make"] = (sql, changes) => sides.make(sql, changes);
const compare = () => sides.compare();

test("random changes on both sides: the same as all rows of both sides put side by side", async () => {
  for (let seed = 1; seed <= seeds; seed += 1) {
    const random = randomFrom(seed);
    await make(tablesOfTest(random));
    const expected = await withBoth(async (base, branch) => {
      await applyChanges(base, random);
      await applyChanges(branch, random);
      return oracle(base, branch);
    });
    const found = await compare();
    expect({ seed, ...counts(found) }).toEqual({ seed, ...expected });
  }
});

describe("every type", () => {
  const types = pgTypes([]).filter(({ ofOneServer }) => !ofOneServer);
  const columns = types.map(({ type }, index) => `c${index} ${type}`);
  const values = types.map(({ value }) => value).join(", ");
  const row = (id: number, n: number) =>
    `insert into every select ${id}, ${values} from (select ${n}::bigint as n) s`;

  test("is equal to itself, and its changed value is found and told", async () => {
    const updates = types.map(({ value }, index) => {
      const id = index + 10;
      return `update every set c${index} = (select ${value} from (select 7::bigint as n) s) where id = ${id}`;
    });
    const rows = types.map((_, index) => row(index + 10, 3));
    await make(
      `${typesSql}; create table every (id int primary key, ${columns.join(", ")}); ${[row(1, 1), row(2, 2), ...rows].join("; ")}`,
      { branch: updates.join("; ") },
    );
    const found = await compare();
    const told = found.rows.map(({ key, after }) => [
      Number(key?.id) - 10,
      Object.keys(after ?? {}),
    ]);
    expect(told.sort(([one], [other]) => Number(one) - Number(other))).toEqual(
      types.map((_, index) => [index, [`c${index}`]]),
    );
    expect(counts(found)).toEqual({ every: { added: 0, removed: 0, changed: types.length } });
  });
});

test("partitions by their root; a row that moves between partitions with its key is one", async () => {
  await make(
    `create table logs (id int, day date, note text, primary key (id, day)) partition by range (day);
     create table logs_1 partition of logs for values from ('2026-01-01') to ('2026-02-01');
     create table logs_2 partition of logs for values from ('2026-02-01') to ('2026-03-01');
     insert into logs select n, date '2026-01-01' + n, 'x' from generate_series(0, 50) n`,
    { branch: "update logs set note = 'y' where id = 3; delete from logs where id > 48" },
  );
  expect(counts(await compare())).toEqual({ logs: { added: 0, removed: 2, changed: 1 } });
});

test("settings of a database or a role change nothing", async () => {
  await make(
    `create table t (id int primary key, at timestamptz, f float8, b bytea, i interval, m money);
     insert into t values (1, '2026-11-30 12:00Z', 0.1 + 0.2, '\\x00ff', '1 day 2 hours', 12.5)`,
    {
      branch: `set timezone = 'Asia/Tokyo'; alter role current_user set timezone = 'Asia/Tokyo';
        alter role current_user set datestyle = 'German'; alter role current_user set bytea_output = 'escape';
        alter role current_user set intervalstyle = 'iso_8601'; alter role current_user set extra_float_digits = 0`,
    },
  );
  expect(counts(await compare())).toEqual({ t: { added: 0, removed: 0, changed: 0 } });
});

test("columns of one side, tables of one side, and what policies would hide are told", async () => {
  await make(
    `create table items (id int primary key, title text, gone text);
     create table hidden (id int primary key);
     create table old (id int primary key);
     insert into items values (1, 'a', 'x'), (2, 'b', 'y'); insert into hidden values (1)`,
    {
      branch: `alter table items drop column gone; alter table items add column fresh int default 1;
        update items set title = 'c' where id = 2; drop table old; create table new (id int);
        alter table hidden enable row level security; alter table hidden force row level security`,
    },
  );
  const found = await compare();
  expect(counts(found)).toEqual({ items: { added: 0, removed: 0, changed: 1 } });
  expect(found.tables[0]?.table).toMatchObject({
    addedColumns: ["fresh"],
    droppedColumns: ["gone"],
  });
  expect(found.leftOut).toEqual([
    { table: "new", why: "ONLY_IN_BRANCH" },
    { table: "old", why: "ONLY_IN_BASE" },
    { table: "hidden", why: "ROW_SECURITY" },
  ]);
  expect(found.rows).toEqual([
    {
      table: "items",
      change: "changed",
      key: { id: "2" },
      before: { title: "b" },
      after: { title: "c" },
    },
  ]);
});

test("300,000 rows that all differ are counted without holding them", async () => {
  await make("create table wide (id int primary key, note text)", {
    branch: "insert into wide select n, repeat('x', 50) || n from generate_series(1, 300000) n",
    base: "insert into wide select n, repeat('y', 50) || n from generate_series(1, 300000) n",
  });
  const before = process.memoryUsage().rss;
  let seen = 0;
  const found = await withBoth((base, branch) =>
    compareRows(
      { base, branch },
      {
        isWanted: () => true,
        onRow: () => {
          seen += 1;
        },
        signal: new AbortController().signal,
      },
    ),
  );
  expect(counts(found)).toEqual({ wide: { added: 0, removed: 0, changed: 300_000 } });
  expect(seen).toBe(300_000);
  expect(process.memoryUsage().rss - before).toBeLessThan(150 * 1024 ** 2);
});
