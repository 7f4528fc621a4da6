import type { Client } from "pg";

// Random tables and changes, always the same for a seed, and what is to be found of them.

export type Random = (below: number) => number;

/** mulberry32. */
export function randomFrom(seed: number): Random {
  let state = seed * 0x9e3779b9;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const tables = ["people", "pairs", "bag", "other.things", "blobs"];

/** Tables with a key, with two key columns, without any, in a schema of its own, and with values that are stored apart. */
export function tablesOfTest(random: Random): string {
  const rows = 50 + random(400);
  return `
    create schema other;
    create table people (id int primary key, name text, age int, tags text[]);
    insert into people select n, 'name ' || n, nullif(n % 90, 0), array['a', n::text] from generate_series(1, ${rows}) n;
    create table pairs (a text collate "C", b int, note text, unique nulls not distinct (b, a));
    alter table pairs alter a set not null, alter b set not null;
    insert into pairs select chr(97 + n % 26), n, 'x' from generate_series(1, ${rows}) n;
    create table bag (word text, n int);
    insert into bag select 'word ' || n % 7, n % 5 from generate_series(1, ${rows}) n;
    create table other.things (id uuid primary key, at timestamptz);
    insert into other.things select md5(n::text)::uuid, timestamptz '2026-01-01Z' + n * interval '1 hour' from generate_series(1, ${rows}) n;
    create table blobs (id bigint primary key, content text);
    alter table blobs alter content set storage external;
    insert into blobs select n, repeat(md5(n::text), 200) from generate_series(1, 20) n`;
}

export async function applyChanges(client: Client, random: Random): Promise<void> {
  const modulo = () => 2 + random(40);
  const changes = [
    () => `update people set name = name || '!' where id % ${modulo()} = 0`,
    () => `update people set id = id + 10000 where id % ${modulo()} = 0 and id < 10000`,
    () => `update people set tags = null, age = age + 1 where id % ${modulo()} = 1`,
    () => `delete from people where id % ${modulo()} = 1`,
    () =>
      `insert into people select n, 'new', n, '{}' from generate_series(${20_000 + random(50)}, 20060) n on conflict do nothing`,
    () => `update pairs set note = md5(note || b) where b % ${modulo()} = 0`,
    () => `delete from pairs where b % ${modulo()} = 1`,
    () => `insert into bag select 'word 1', ${random(5)} from generate_series(1, ${random(9)})`,
    () =>
      `delete from bag where ctid in (select ctid from bag where n = ${random(5)} limit ${random(6)})`,
    () =>
      `update other.things set at = at + interval '1 day' where at < timestamptz '2026-01-01Z' + ${random(300)} * interval '1 hour'`,
    () => `update blobs set content = content || 'x' where id = ${random(25)}`,
    () => "truncate bag",
    () => "vacuum full people",
    () => "vacuum pairs",
    () => "alter table blobs alter id type bigint using id + 0",
  ];
  for (let count = 1 + random(6); count > 0; count -= 1) {
    await client.query((changes[random(changes.length)] as () => string)());
  }
}

/** All rows of both sides, put side by side by the test itself. */
export async function oracle(base: Client, branch: Client) {
  const found: Record<string, { added: number; removed: number; changed: number }> = {};
  const keys: Record<string, string> = {
    people: "id",
    pairs: "b, a",
    bag: "t::text",
    "other.things": "id",
    blobs: "id",
  };
  for (const table of tables) {
    const read = async (client: Client) => {
      const sql = `select row(${keys[table]})::text as key, t::text as row from ${table} t`;
      const { rows } = await client.query<{ key: string; row: string }>(sql);
      const byKey = new Map<string, string[]>();
      for (const { key, row } of rows) byKey.set(key, [...(byKey.get(key) ?? []), row]);
      return byKey;
    };
    const [before, after] = [await read(base), await read(branch)];
    const counts = { added: 0, removed: 0, changed: 0 };
    for (const key of new Set([...before.keys(), ...after.keys()])) {
      const [old, now] = [before.get(key) ?? [], after.get(key) ?? []];
      counts.added += Math.max(0, now.length - old.length);
      counts.removed += Math.max(0, old.length - now.length);
      if (table !== "bag" && old.length === 1 && now.length === 1 && old[0] !== now[0]) {
        counts.changed += 1;
      }
    }
    found[table] = counts;
  }
  return found;
}
