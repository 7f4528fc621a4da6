import type { Client } from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { findFindings } from "../../src/migrations/findings/io/find-findings.ts";
import { readSchemaFacts } from "../../src/migrations/findings/io/read-schema.ts";
import { SchemaModel } from "../../src/migrations/findings/model/schema-model.ts";
import { parseMigration } from "../../src/migrations/folder/parsed-migration.ts";
import { readLockCatalogue } from "../../src/migrations/plan/io/catalogue.ts";
import { rewriteMigrations } from "../../src/migrations/rewrite/rewrite.ts";
import { connectPostgres } from "../../src/postgres/io/connect.ts";
import { isServerError } from "../../src/postgres/server-error.ts";
import { TestFolder } from "../helpers/migrations/migrations-folder.ts";
import { runInProcess } from "../helpers/migrations/run-in-process.ts";
import { type PostgresServer, startPostgres } from "../helpers/postgres-server.ts";

// `npm run bench-rewrites`: readers and writers of a large table while a migration runs, as it was and as it is written
// anew. How long somebody waited for a lock is what the server itself measures: it refuses what waits for longer.

// Without a number of rows a few of them on a small table, where only who waits for long is seen.

const isLong = process.env.TEST_REWRITE_ROWS !== undefined;
const rows = Number(process.env.TEST_REWRITE_ROWS ?? 20_000);
const limitMs = isLong ? 200 : 2000;

const migrations: [name: string, sql: string][] = [
  ["index", "create index items_n on items (n);"],
  ["foreign key", "alter table items add constraint f foreign key (org_id) references orgs (id);"],
  ["check", "alter table items add constraint c check (n >= 0 and length(code) > 0);"],
  ["not null", "alter table items alter column org_id set not null;"],
  ["unique", "alter table items add constraint u unique (code);"],
  [
    "volatile default",
    "alter table items add column token uuid default gen_random_uuid() not null;",
  ],
  ["type", "alter table items alter column n type bigint;"],
];

let server: PostgresServer;
const folders: TestFolder[] = [];
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(async () => {
  for (const folder of folders) folder.remove();
  await server.stop();
});

test.each(isLong ? migrations : migrations.slice(-3, -1))("%s", async (name, sql) => {
  const before = await measured(name, sql, false);
  const after = await measured(name, sql, true);
  if (isLong)
    console.log(`${name.padEnd(18)} as it was: ${shown(before)}; written anew: ${shown(after)}`);
  if (isLong) expect(before.refused).toBeGreaterThan(0);
  expect(after.queries).toBeGreaterThan(0);
  expect(after.refused).toBe(0);
});

interface Load {
  queries: number;
  refused: number;
  longestMs: number;
  tookMs: number;
}

const shown = ({ longestMs, queries, refused, tookMs }: Load) =>
  `${(tookMs / 1000).toFixed(1)} s, ${queries} queries, ${refused} waited longer than ${limitMs} ms, the longest took ${longestMs.toFixed(0)} ms`;

async function measured(name: string, sql: string, safe: boolean): Promise<Load> {
  const url = await server.createDatabase();
  const folder = new TestFolder();
  folders.push(folder);
  folder.add(
    "0000_base",
    `create table orgs (id int primary key);
     create table items (id int primary key, org_id int, n int not null, code text not null);
     insert into orgs select g from generate_series(1, 100) g;
     insert into items select g, 1 + g % 100, g, 'c' || g from generate_series(1, ${rows}) g;`,
  );
  await runInProcess(url, folder.path);
  const admin = await connectPostgres(url, { what: name });
  await admin.query("analyze items");
  folder.add("0001_change", safe ? await anew(admin, sql) : sql);
  await admin.query("checkpoint").catch(() => undefined);

  const load: Load = { queries: 0, refused: 0, longestMs: 0, tookMs: 0 };
  const end = new AbortController();
  const users = [
    user(url, load, end.signal, "select n from items where id = $1"),
    user(url, load, end.signal, "update items set n = n where id = $1"),
    user(url, load, end.signal, "select id from orgs where id = 1 + $1::int % 100 for key share"),
  ];
  const began = performance.now();
  await runInProcess(url, folder.path);
  load.tookMs = performance.now() - began;
  end.abort();
  await Promise.all(users);
  await admin.end();
  return load;
}

async function user(url: string, load: Load, end: AbortSignal, sql: string): Promise<void> {
  const client = await connectPostgres(url, { what: "a user" });
  await client.query(`set lock_timeout = ${limitMs}`);
  while (!end.aborted) {
    const began = performance.now();
    load.queries += 1;
    try {
      await client.query(sql, [1 + Math.floor(Math.random() * rows)]);
    } catch (error) {
      if (!isServerError(error) || error.code !== "55P03") throw error;
      load.refused += 1;
    }
    load.longestMs = Math.max(load.longestMs, performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await client.end();
}

async function anew(client: Client, sql: string): Promise<string> {
  const parsed = await parseMigration({ name: "0001_change", file: "0001.sql", sql } as never);
  if (parsed === undefined) throw new Error(`not SQL: ${sql}`);
  const catalogue = await readLockCatalogue(client);
  const settings = { rules: {}, smallTable: { rows: 1000, bytes: 1_000_000 } };
  const findings = await findFindings(client, [parsed], {
    settings,
    catalogue,
    against: [],
    examples: true,
    where: "here",
  });
  const schema = new SchemaModel(await readSchemaFacts(client));
  const { files } = await rewriteMigrations([parsed], {
    schema,
    catalogue,
    findings,
    small: false,
    triggers: new Set(),
    bound: new Set(),
    untouchable: () => undefined,
  });
  return files[0]?.sql ?? expect.fail("it was not written anew");
}
