import { readFileSync } from "node:fs";
import { join } from "node:path";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate as drizzleMigrate } from "drizzle-orm/node-postgres/migrator";
import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findFindings } from "../../src/migrations/findings/io/find-findings.ts";
import { readSchemaFacts } from "../../src/migrations/findings/io/read-schema.ts";
import { SchemaModel } from "../../src/migrations/findings/model/schema-model.ts";
import { parseMigration } from "../../src/migrations/folder/parsed-migration.ts";
import { readLockCatalogue } from "../../src/migrations/plan/io/catalogue.ts";
import { readHangers } from "../../src/migrations/rewrite/io/hangers.ts";
import {
  type Rewriting,
  rewritable,
  rewriteMigrations,
} from "../../src/migrations/rewrite/rewrite.ts";
import { sendWhole } from "../../src/migrations/run/io/session.ts";
import { stepsOf } from "../../src/migrations/sql/parse.ts";
import { connectPostgres } from "../../src/postgres/io/connect.ts";
import { describeDatabase } from "../helpers/drizzle/describe-database.ts";
import { withClient } from "../helpers/drizzle/with-client.ts";
import { TestFolder } from "../helpers/migrations/migrations-folder.ts";
import { runInProcess } from "../helpers/migrations/run-in-process.ts";
import { type PostgresServer, startPostgres } from "../helpers/postgres-server.ts";

// Every rewrite against the migration as it was: the same end, however often a run dies on the way.

const base = `
  create table orgs (id int primary key, name text);
  create table items (id int not null, org_id int, n int not null, code text, made timestamptz, extra text);
  create index items_code on items (code);
  create table seen (id int not null, a int, b int, c text collate "C", d int, e int generated always as (a * 2) stored, f int);
  create view looks as select b from seen;
  comment on column seen.d is 'told';
  create policy p on seen using (f > 0);
  create table audited (id int primary key, x int);
  create function touch() returns trigger language plpgsql as $$ begin return new; end $$;
  create trigger t before update on audited for each row execute function touch();
  insert into orgs select g, 'o' || g from generate_series(1, 20) g;
  insert into items select g, 1 + g % 20, g, 'c' || g, '2026-01-01', 'e' from generate_series(1, 3000) g;
  insert into audited values (1, 1);`;

let server: PostgresServer;
const folders: TestFolder[] = [];

beforeAll(async () => {
  server = await startPostgres();
});
afterAll(async () => {
  for (const folder of folders) folder.remove();
  await server.stop();
});

const settings = { rules: {}, smallTable: { rows: 0, bytes: 0 } };

function folderOf(...sql: string[]): TestFolder {
  const folder = new TestFolder();
  folders.push(folder);
  folder.add("0000_base", base);
  for (const [index, text] of sql.entries()) folder.add(`000${index + 1}_change`, text);
  return folder;
}

/** A database that is as the first migration makes it. */
async function database(): Promise<string> {
  const url = await server.createDatabase();
  await runInProcess(url, folderOf().path);
  return url;
}

async function look(client: Client, sql: string) {
  const migration = { name: "0001_change", file: "0001_change.sql", sql } as never;
  const parsed = await parseMigration(migration);
  if (parsed === undefined) throw new Error(`not SQL: ${sql}`);
  const catalogue = await readLockCatalogue(client);
  const findings = await findFindings(client, [parsed], {
    settings,
    catalogue,
    against: [],
    examples: true,
    where: "here",
  });
  return { parsed, catalogue, findings };
}

async function rewritten(url: string, sql: string): Promise<Rewriting> {
  return withClient(url, async (client) => {
    const { catalogue, findings, parsed } = await look(client, sql);
    return rewriteMigrations([parsed], {
      schema: new SchemaModel(await readSchemaFacts(client)),
      catalogue,
      findings,
      small: false,
      ...(await readHangers(client)),
      untouchable: () => undefined,
    });
  });
}

const described = (url: string, rows: boolean) =>
  withClient(url, (client) => describeDatabase(client, { rows }));

interface Case {
  sql: string;
  /** Its new text. */
  to: string;
  /** Values that are others each time. */
  random?: true;
}

const end = "COMMIT AND CHAIN";
const proven = (table: string, column: string) => [
  `ALTER TABLE ${table} ADD CONSTRAINT "ds_${column}_is_not_null" CHECK ("${column}" IS NOT NULL) NOT VALID`,
  end,
  `ALTER TABLE ${table} VALIDATE CONSTRAINT "ds_${column}_is_not_null"`,
  end,
];

const cases: Record<string, Case> = {
  index: {
    sql: "CREATE INDEX items_org ON items (org_id);",
    to: "CREATE INDEX CONCURRENTLY items_org ON items (org_id);",
  },
  "unique index": {
    sql: 'create unique index "items index" on items using btree (id);',
    to: 'create unique index CONCURRENTLY "items index" on items using btree (id);',
  },
  "drop index": {
    sql: "DROP INDEX items_code;",
    to: "DROP INDEX CONCURRENTLY items_code;",
  },
  "foreign key": {
    sql: 'ALTER TABLE "items" ADD CONSTRAINT "f" FOREIGN KEY ("org_id") REFERENCES "public"."orgs"("id") ON DELETE no action;',
    to: `ALTER TABLE "items" ADD CONSTRAINT "f" FOREIGN KEY ("org_id") REFERENCES "public"."orgs"("id") ON DELETE no action NOT VALID;\n${end};\nALTER TABLE "items" VALIDATE CONSTRAINT "f";`,
  },
  check: {
    sql: "alter table items add constraint c check (n > 0);",
    to: `alter table items add constraint c check (n > 0) NOT VALID;\n${end};\nALTER TABLE "items" VALIDATE CONSTRAINT "c";`,
  },
  "not null": {
    sql: 'ALTER TABLE "items" ALTER COLUMN "org_id" SET NOT NULL;',
    to: `${[
      ...proven('"items"', "org_id"),
      'ALTER TABLE "items" ALTER COLUMN "org_id" SET NOT NULL',
      'ALTER TABLE "items" DROP CONSTRAINT "ds_org_id_is_not_null"',
    ].join(";\n")};`,
  },
  unique: {
    sql: "ALTER TABLE items ADD CONSTRAINT u UNIQUE NULLS NOT DISTINCT (id, code) DEFERRABLE;",
    to: 'CREATE UNIQUE INDEX CONCURRENTLY "u" ON "items" ("id", "code") NULLS NOT DISTINCT;\nALTER TABLE "items" ADD CONSTRAINT "u" UNIQUE USING INDEX "u" DEFERRABLE;',
  },
  "primary key": {
    sql: "ALTER TABLE items ADD CONSTRAINT items_pkey PRIMARY KEY (id, code);",
    to: `${[
      'CREATE UNIQUE INDEX CONCURRENTLY "items_pkey" ON "items" ("id", "code")',
      ...proven('"items"', "code"),
      'ALTER TABLE "items" ADD CONSTRAINT "items_pkey" PRIMARY KEY USING INDEX "items_pkey"',
      'ALTER TABLE "items" DROP CONSTRAINT "ds_code_is_not_null"',
    ].join(";\n")};`,
  },
  "column with a volatile default": {
    sql: 'ALTER TABLE "items" ADD COLUMN "token" uuid DEFAULT gen_random_uuid() NOT NULL;',
    to: `${[
      'ALTER TABLE "items" ADD COLUMN "token" uuid',
      'ALTER TABLE "items" ALTER COLUMN "token" SET DEFAULT gen_random_uuid()',
      '-- ds:batches\nUPDATE "items" SET "token" = DEFAULT WHERE "token" IS NULL',
      ...proven('"items"', "token"),
      'ALTER TABLE "items" ALTER COLUMN "token" SET NOT NULL',
      'ALTER TABLE "items" DROP CONSTRAINT "ds_token_is_not_null"',
    ].join(";\n")};`,
    random: true,
  },
  "column that may stay null": {
    sql: "alter table items add token numeric(5, 2)[] default array[random() * 9]::numeric(5, 2)[];",
    to: '-- ds:batches\nUPDATE "items" SET "token" = DEFAULT WHERE "token" IS NULL;',
    random: true,
  },
  "validation in the same transaction": {
    sql: "alter table items add constraint c check (n > 0) not valid;\nalter table items validate constraint c;",
    to: `alter table items add constraint c check (n > 0) not valid;\n${end};\nalter table items validate constraint c;`,
  },
  backfill: {
    sql: "alter table items add column m int;\nupdate items set m = n * 2 where m is null;",
    to: "alter table items add column m int;\n-- ds:batches\nupdate items set m = n * 2 where m is null;",
  },
  "several of them, among others": {
    sql: [
      "-- Why: é",
      "create table notes (id int primary key, item int);",
      'ALTER TABLE "items" ADD COLUMN "org" int; /* none; yet */',
      "create index items_n on items (n) -- the number\n;",
      'ALTER TABLE "items" ADD CONSTRAINT "f" FOREIGN KEY ("org_id") REFERENCES "orgs"("id")',
      'ALTER TABLE "items" ALTER COLUMN "org_id" SET NOT NULL;',
      "insert into notes values (1, 1);",
      "create index notes_item on notes (item);",
    ].join("\n--> statement-breakpoint\r\n"),
    to: `CREATE`,
  },
};

describe.each(Object.entries(cases))("%s", (name, { random, sql, to }) => {
  test("the new text ends as the old one does, and blocks nobody", async () => {
    const before = folderOf(sql);
    const url = await database();
    const old = await database();
    const { files, left } = await rewritten(url, sql);
    expect(left).toEqual([]);
    const [file] = files;
    if (name.startsWith("several")) {
      // What is not rewritten is there to the byte, line ends and comments among it.
      const parts = sql.split("\n--> statement-breakpoint\r\n");
      for (const part of [parts[0], parts[1], parts[2], parts[6], parts[7]])
        expect(file?.sql).toContain(`${part}`);
      expect(file?.sql).toContain("create index CONCURRENTLY items_n on items (n) -- the number");
      expect(file?.sql).toContain("NOT VALID;--> statement-breakpoint\r\nCOMMIT AND CHAIN;-->");
    } else expect(file?.sql.endsWith(to)).toBe(true);

    const after = folderOf(file?.sql ?? "");
    await runInProcess(old, before.path);
    const expected = await described(old, !random);
    const { findings } = await withClient(url, (client) => look(client, file?.sql ?? ""));
    expect(findings.filter(({ rule }) => rewritable.has(rule))).toEqual([]);
    expect(await runInProcess(url, after.path)).toMatchObject({ applied: ["0001_change"] });
    expect(await described(url, !random)).toEqual(expected);
  });

  test("a run that dies at any step, before or behind its statements, ends the same", async () => {
    const first = await database();
    const { files } = await rewritten(first, sql);
    const text = files[0]?.sql ?? "";
    const after = folderOf(text);
    await runInProcess(first, after.path);
    const expected = await described(first, !random);
    const steps = await stepsOf(text);
    const url = await database();
    for (let kill = 0; kill < steps.length * 2; kill += 1) {
      const dying = kill === 0 ? url : await database();
      await diesAt(dying, after, Math.floor(kill / 2), kill % 2 === 1);
      await runInProcess(dying, after.path);
      expect(await described(dying, !random), `killed at step ${kill / 2}`).toEqual(expected);
    }
  });

  test("Drizzle's own migrator comes to the same end, or refuses it and changes nothing", async () => {
    const before = folderOf(sql);
    const url = await database();
    const old = await database();
    await runInProcess(old, before.path);
    const untouched = await described(url, !random);
    const { files } = await rewritten(url, sql);
    const after = folderOf(files[0]?.sql ?? "");
    const outcome = await withClient(url, (client) =>
      drizzleMigrate(drizzle(client), { migrationsFolder: after.path }),
    ).then(
      () => "applied",
      () => "refused",
    );
    const concurrently = /CONCURRENTLY/.test(files[0]?.sql ?? "");
    expect(outcome).toBe(concurrently ? "refused" : "applied");
    expect(await described(url, !random)).toEqual(
      concurrently ? untouched : await described(old, !random),
    );
  });
});

/** The server ends the run's session at its step of this number: before its statements, or behind them. */
async function diesAt(url: string, folder: TestFolder, step: number, behind: boolean) {
  const admin = await connectPostgres(url, { what: "the test" });
  const text = readFileSync(join(folder.path, "0001_change.sql"), "utf8");
  const starts = (await stepsOf(text)).map(({ parts }) => parts[0]?.start);
  const run = runInProcess(url, folder.path, {
    send: async (client, part, done, migration) => {
      const isIt = migration.name === "0001_change" && part.start === starts[step];
      const kill = async () => {
        const { processID } = client as unknown as { processID: number };
        await admin.query("select pg_terminate_backend($1, 10000)", [processID]);
      };
      if (isIt && !behind) await kill();
      await sendWhole(client, part, done);
      if (isIt && behind) await kill();
    },
  });
  await expect(run).rejects.toMatchObject({ reason: "CONNECTION_LOST" });
  await admin.end();
}

describe("stays as it is", () => {
  test.each<[sql: string, because: RegExp]>([
    ["begin; create index i on items (n); commit;", /transactions itself/],
    ["set local work_mem = '8MB'; create index i on items (n);", /ends with its transaction/],
    ["alter table items add check (n > 0);", /no name/],
    ["alter table items add constraint c check (n > 0), add column z int;", /several things/],
    ["drop index items_code cascade;", /CASCADE/],
    ["alter table audited add column u uuid default gen_random_uuid();", /triggers/],
    ["alter table items add column u bigserial;", /numbered/],
    [
      "alter table items add column u uuid default gen_random_uuid() unique;",
      /written with its column/,
    ],
    ["alter table items alter code type bytea using code::bytea;", /items_code/],
    ["alter table seen rename a to z;", /would not go over/],
    ["alter table seen rename b to z;", /would not go over/],
    ["alter table seen alter b type bigint;", /would not go over/],
    ["alter table seen rename c to z;", /would not go over/],
    ["alter table seen rename d to z;", /would not go over/],
    ["alter table seen rename f to z;", /would not go over/],
    ["alter table items add constraint c check (n > 10);", /error that comes first/],
    ["update items set n = n + 1;", /can be done in batches/],
  ])("%s", async (sql, because) => {
    const { files, left } = await rewritten(await database(), sql);
    expect(files).toEqual([]);
    expect(left[0]?.because).toMatch(because);
  });

  test("what a comment silences, and what makes its own table", async () => {
    const sql =
      "-- ds:ignore index-blocks-writes nobody writes\ncreate index i on items (n);\ncreate table z (id int);\ncreate index on z (id);";
    const { files, left } = await rewritten(await database(), sql);
    expect({ files, left }).toEqual({ files: [], left: [] });
  });
});

describe("over several deployments", () => {
  test.each([
    [
      "type",
      "ALTER TABLE items ALTER COLUMN n SET DATA TYPE bigint USING n::bigint * 2;",
      // What an application that runs does meanwhile.
      "insert into items (id, org_id, n) values (9001, 1, 7); update items set n = 5 where id = 2",
    ],
    [
      "name of a column",
      "ALTER TABLE items RENAME COLUMN n TO amount;",
      "insert into items (id, org_id, n) values (9001, 1, 7); insert into items (id, org_id, amount) values (9002, 1, 8); update items set n = 5 where id = 2; update items set amount = 6 where id = 3",
    ],
    [
      "name of a table",
      "ALTER TABLE items RENAME TO things;",
      "insert into items (id, org_id, n) values (9001, 1, 7); update items set n = 5 where id = 2; insert into things (id, n) values (9002, 1)",
    ],
  ])("%s: both sides work meanwhile, and the end is the same", async (what, sql, meanwhile) => {
    const before = folderOf(sql);
    const old = await database();
    await runInProcess(old, before.path);
    const url = await database();
    const { deployments, files } = await rewritten(url, sql);
    const texts = [files[0]?.sql ?? "", ...deployments.map((one) => one.sql)];
    await runInProcess(url, folderOf(texts[0] ?? "").path);
    await withClient(url, (client) => client.query(meanwhile));
    await runInProcess(url, folderOf(...texts).path);
    const inAnyOrder = (lines: string[]) =>
      lines
        .map((line) => line.replace(/^(column \S+) \d+/, "$1"))
        // A column that is renamed keeps the name of its NOT NULL.
        .map((line) => line.replace(/^(constraint \S+) \S+ NOT NULL/, "$1 NOT NULL"))
        .sort();
    expect(inAnyOrder(await described(url, false))).toEqual(
      inAnyOrder(await described(old, false)),
    );
    const column = what === "name of a column" ? "amount" : "n";
    const table = what === "name of a table" ? "things" : "items";
    const { rows } = await withClient(url, (client) =>
      client.query(
        `select id, ${column}::int as n from ${table} where id in (2, 3, 4, 9001, 9002) order by id`,
      ),
    );
    const values = rows.map(({ id, n }) => [id, n]);
    expect(values).toEqual(
      {
        type: [
          [2, 10],
          [3, 6],
          [4, 8],
          [9001, 14],
        ],
        "name of a column": [
          [2, 5],
          [3, 6],
          [4, 4],
          [9001, 7],
          [9002, 8],
        ],
        "name of a table": [
          [2, 5],
          [3, 3],
          [4, 4],
          [9001, 7],
          [9002, 1],
        ],
      }[what],
    );
  });
});
