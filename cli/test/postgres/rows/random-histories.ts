import type { Client } from "pg";
import { connectPostgres } from "../../../src/postgres/io/connect.ts";
import { pgTypes, typesSql } from "../../refresh/pg-types.ts";
import type { EngineBranch, EngineBranches } from "./engine-branches.ts";
import type { Random } from "./random-changes.ts";

// Tables of many pages, changes of a few of them, and ways to come to two branches; always the same for a seed.

const types = pgTypes([]).filter(({ ofOneServer }) => !ofOneServer);
const everyColumns = types.map(({ type }, index) => `c${index} ${type}`).join(", ");
const everyValues = types.map(({ value }) => value).join(", ");

export function tablesOfHistory(random: Random): string {
  const rows = 1000 + random(3000);
  const fill = 50 + random(51);
  return `
    ${typesSql}
    create schema other;
    create table people (id int primary key, name text, age int, tags text[], feels mood, home place)
      with (fillfactor = ${fill}, autovacuum_enabled = ${random(2) === 0});
    insert into people select n, 'name ' || n, nullif(n % 90, 0), array['a', n::text],
      (array['sad', 'ok', 'happy']::mood[])[1 + n % 3], row('street ' || n, n::text)::place
      from generate_series(1, ${rows}) n;
    create table pairs (a text collate "C" not null, b int not null, note text, unique nulls not distinct (b, a));
    insert into pairs select chr(97 + n % 26), n, repeat('x', 40) from generate_series(1, ${rows}) n;
    create table bag (word text, n int);
    insert into bag select 'word ' || n % 700, n % 5 from generate_series(1, ${rows}) n;
    create table other.things (id uuid primary key, at timestamptz, pad text default repeat('p', 100));
    insert into other.things select md5(n::text)::uuid, timestamptz '2026-01-01Z' + n * interval '1 hour'
      from generate_series(1, ${rows}) n;
    create table blobs (id bigint primary key, content text, pad text);
    alter table blobs alter content set storage external;
    insert into blobs select n, repeat(md5(n::text), 200), repeat('p', 500) from generate_series(1, 60) n;
    create table logs (id int, day date, line text, primary key (id, day)) partition by range (day);
    create table logs_1 partition of logs for values from ('2026-01-01') to ('2026-02-01');
    create table logs_2 partition of logs for values from ('2026-02-01') to ('2026-03-01');
    create table logs_3 partition of logs default;
    insert into logs select n, date '2026-01-01' + n % 90, repeat('l', 50) from generate_series(1, ${rows}) n;
    create table made (id int primary key, a int, twice int generated always as (a * 2) stored,
      more int generated always as (a + 1) virtual, pad text default repeat('p', 100));
    insert into made (id, a) select n, n from generate_series(1, ${rows}) n;
    create table every (id int primary key, ${everyColumns});
    insert into every select n, ${everyValues} from generate_series(1, 60) n;
    create table named (id int primary key, what regclass, pad text default repeat('p', 200));
    insert into named select n, 'bag'::regclass from generate_series(1, 200) n;
    create table parent (id int primary key, n int);
    create table child () inherits (parent);
    insert into parent select n, 0 from generate_series(1, 500) n;
    insert into child select n, 0 from generate_series(1001, 1500) n`;
}

type Change = (random: Random) => string;

/** A few rows that lie beside each other. */
const some = (random: Random, column = "id") => {
  const from = random(3500);
  return `${column} between ${from} and ${from + random(60)}`;
};

const rowChanges: Change[] = [
  (random) => `update people set name = name || '!' where ${some(random)}`,
  (random) => `update people set name = name || '?' where id % ${500 + random(900)} = 0`,
  (random) => `update people set id = id + 10000 where ${some(random)}`,
  (random) => `update people set tags = null, age = age + 1, feels = 'happy' where ${some(random)}`,
  (random) => `delete from people where ${some(random)}`,
  (random) =>
    `insert into people select n, 'new', n, '{}' from generate_series(${20_000 + random(50)}, 20060) n on conflict do nothing`,
  (random) => `update pairs set note = md5(note || b) where ${some(random, "b")}`,
  (random) => `update pairs set a = 'zz' || a where ${some(random, "b")}`,
  (random) => `delete from pairs where ${some(random, "b")}`,
  (random) => `insert into bag select 'word 1', ${random(5)} from generate_series(1, ${random(9)})`,
  (random) =>
    `delete from bag where ctid in (select ctid from bag where n = ${random(5)} order by ctid limit ${random(6)})`,
  (random) =>
    `update bag set n = 4 where ctid in (select ctid from bag where n = 3 order by ctid limit ${random(6)})`,
  (random) =>
    `update other.things set at = at + interval '1 day' where at < timestamptz '2026-01-01Z' + ${random(30)} * interval '1 hour'`,
  (random) => `update blobs set content = content || 'x' where id = ${random(65)}`,
  (random) => `update blobs set pad = 'other' where id = ${random(65)}`,
  (random) => `update logs set line = line || 'x' where ${some(random)}`,
  (random) => `update logs set day = day + 31 where ${some(random)}`,
  (random) => `delete from logs where ${some(random)}`,
  (random) => `update made set a = a + 7 where ${some(random)}`,
  (random) =>
    `update every set (${types.map((_, index) => `c${index}`).join(", ")}) =
      (select ${everyValues} from (select ${1 + random(70)}::bigint as n) s) where id = ${1 + random(60)}`,
  (random) => `update named set what = 'people' where ${some(random)}`,
  (random) => `update only parent set n = n + 1 where ${some(random)}`,
  (random) => `update child set n = n + 1 where ${some(random)}`,
  // Versions of the same rows on the same page.
  (random) =>
    `do $$ begin for i in 1..${random(6)} loop update people set age = i where id between 5 and 9; end loop; end $$`,
  (random) =>
    `do $$ begin update people set age = -1 where ${some(random)}; raise 'undone'; exception when others then end $$`,
];

const tableChanges: Change[] = [
  (random) => `truncate ${["bag", "logs_1", "other.things"][random(3)]}`,
  (random) => `vacuum full ${["people", "pairs", "logs"][random(3)]}`,
  () => "cluster people using people_pkey",
  () => "alter table blobs alter id type bigint using id + 0",
  () => "alter table pairs alter b type bigint",
  (random) => `alter table people add column extra int default ${random(3)}`,
  (random) => `alter table other.things add column extra text default 'd${random(3)}'`,
  () => "alter table people drop column age",
  () => "alter table made drop column twice",
  () => "alter table pairs rename note to remark",
  (random) =>
    `create table fresh (id int primary key, n int); insert into fresh select n, ${random(3)} from generate_series(1, 400) n`,
  () => "drop table bag",
  () =>
    "drop table blobs; create table blobs (id bigint primary key, content text, pad text); insert into blobs select n, 'c', 'p' from generate_series(1, 50) n",
  () => "alter type mood rename value 'ok' to 'fine'",
  () => "alter type mood add value 'numb'",
  () => "alter type place add attribute country text",
  () => "alter table logs detach partition logs_2",
  () =>
    "create table logs_4 partition of logs for values from ('2026-06-01') to ('2026-07-01'); insert into logs select n, '2026-06-05', 'new' from generate_series(1, 30) n",
  () => "alter table bag rename to sack",
  () => "alter table people set unlogged",
  () => "alter table made set (fillfactor = 60)",
  () => "delete from pairs where b > 700",
  () => "alter table named rename to titled",
  (random) => `alter table made alter more set expression as (a + ${2 + random(3)})`,
];

const cares: Change[] = [
  () => "vacuum people",
  () => "vacuum pairs, bag, logs",
  () => "vacuum (freeze) other.things",
  () => "analyze",
  () => "reindex table people",
];

/** Locks that another transaction holds are not waited for; what fails has changed nothing. */
async function attempt(client: Client, sql: string): Promise<void> {
  await client.query("set lock_timeout = '300ms'");
  await client.query(sql).catch(() => {});
}

async function change(client: Client, random: Random, most: number): Promise<void> {
  for (let count = random(most + 1); count > 0; count -= 1) {
    const kind = random(10);
    const changes = kind < 7 ? rowChanges : kind < 8 ? tableChanges : cares;
    await attempt(client, (changes[random(changes.length)] as Change)(random));
  }
}

const on = async (branch: EngineBranch, work: (client: Client) => Promise<void>): Promise<void> => {
  const client = await connectPostgres(branch.url, { what: branch.name });
  // A branch that is suspended or restored ends its sessions.
  client.on("error", () => {});
  try {
    await work(client);
  } finally {
    await client.end().catch(() => {});
  }
};

const changeOn = (branch: EngineBranch, random: Random, most = 6): Promise<void> =>
  on(branch, (client) => change(client, random, most));

/** Some changes in a transaction that is open until it is told how to end. */
async function begin(
  branch: EngineBranch,
  random: Random,
  isPrepared: boolean,
): Promise<(branches: EngineBranch[]) => Promise<void>> {
  const client = await connectPostgres(branch.url, { what: branch.name });
  client.on("error", () => {});
  await client.query("begin");
  for (let count = 1 + random(3); count > 0; count -= 1) {
    await client.query("savepoint s");
    const changes = random(6) === 0 ? tableChanges : rowChanges;
    const sql = (changes[random(changes.length)] as Change)(random);
    await client.query(`${sql}`).catch(() => client.query("rollback to savepoint s"));
  }
  if (isPrepared) {
    const isHeld = await client.query("prepare transaction 'held'").then(
      () => true,
      () => false,
    );
    await client.end();
    return async (branches) => {
      for (const each of isHeld ? branches : []) {
        const end = random(2) === 0 ? "commit" : "rollback";
        await on(each, (there) => attempt(there, `${end} prepared 'held'`));
      }
    };
  }
  return async () => {
    await client.query(random(3) === 0 ? "rollback" : "commit").catch(() => {});
    await client.end().catch(() => {});
  };
}

async function nowOn(branch: EngineBranch): Promise<string> {
  let now = "";
  await on(branch, async (client) => {
    const sql = "select clock_timestamp() at time zone 'UTC' || 'Z' as now";
    now = ((await client.query<{ now: string }>(sql)).rows[0]?.now ?? "").replace(" ", "T");
  });
  return now;
}

export const histories = [
  "fork",
  "branch of a branch",
  "siblings",
  "reset",
  "restored",
  "refreshed",
  "past",
  "snapshot",
] as const;

/** Two branches with a past of this kind; transactions that are open meanwhile are ended at the end of it. */
export async function makeHistory(
  kind: (typeof histories)[number],
  root: EngineBranch,
  branches: EngineBranches,
  random: Random,
): Promise<{ base: EngineBranch; branch: EngineBranch }> {
  await changeOn(root, random, 3);
  const way = random(4);
  const finish = way < 2 ? await begin(root, random, way === 1) : undefined;
  const isAsleep = way !== 0 && random(2) === 0;
  if (isAsleep) await branches.suspend(root);
  const pair = await historyOf(kind, root, branches, random);
  await changeOn(pair.branch, random);
  await finish?.([...new Set([root, pair.base, pair.branch])]);
  await changeOn(pair.base, random);
  await changeOn(pair.branch, random, 3);
  return pair;
}

async function historyOf(
  kind: (typeof histories)[number],
  root: EngineBranch,
  branches: EngineBranches,
  random: Random,
): Promise<{ base: EngineBranch; branch: EngineBranch }> {
  switch (kind) {
    case "fork":
      return { base: root, branch: await branches.branch(root) };
    case "branch of a branch": {
      const child = await branches.branch(root);
      await changeOn(child, random);
      if (random(2) === 0) await branches.suspend(child);
      const branch = await branches.branch(child);
      return { base: random(2) === 0 ? root : child, branch };
    }
    case "siblings": {
      const base = await branches.branch(root);
      await changeOn(root, random, 3);
      return { base, branch: await branches.branch(root) };
    }
    case "reset": {
      const branch = await branches.branch(root);
      await changeOn(branch, random);
      await changeOn(root, random, 3);
      const kept = await branches.restore(branch, root);
      return { base: random(2) === 0 ? root : kept, branch };
    }
    case "restored": {
      const child = await branches.branch(root);
      await changeOn(root, random, 3);
      const at = await nowOn(root);
      await changeOn(root, random, 3);
      const kept = await branches.restore(root, root, at);
      return { base: random(2) === 0 ? root : kept, branch: child };
    }
    case "refreshed": {
      const child = await branches.branch(root);
      const built = await branches.branch(root);
      await changeOn(built, random);
      const kept = await branches.restore(root, built);
      return { base: random(2) === 0 ? root : kept, branch: child };
    }
    case "past": {
      await changeOn(root, random, 3);
      const at = await nowOn(root);
      await changeOn(root, random, 3);
      return { base: await branches.branch(root, at), branch: root };
    }
    case "snapshot": {
      const branch = await branches.throughSnapshot(root, () => changeOn(root, random, 3));
      return { base: root, branch };
    }
  }
}
