import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Ended } from "../../../scripts/test-support/program.ts";
import { ephemeralName } from "../../src/branches/ephemeral-name.ts";
import { connectPostgres } from "../../src/postgres/io/connect.ts";
import { ensureMachineId } from "../../src/runtime/io/machine-id.ts";
import { DsProject } from "../helpers/ds-project.ts";

// ds db migrate --rehearse: the built command against the real engine, on a table of 200,000 rows.

const project = new DsProject(`{ project: "shop", stages: { dev: {} } }`);

/** Up to date; and two that are three migrations behind main, each for one test. */
const own = ["dev-pat-local", "dev-pat-behind", "dev-pat-own"];
/** A run that failed on its copy, and one that went well, both on main, and what they left. */
let failed: Ended;
let done: Ended;
let before: string;
let after: string;
let copies: string[];

beforeAll(async () => {
  project.migrations.add(
    "0000_base",
    `create table orgs (id int primary key, name text not null);
     create table items (id int primary key, org_id int not null, n int not null);
     create table notes (id int primary key, item_id int references items, text text);
     insert into orgs select g, 'org ' || g from generate_series(1, 500) g;
     insert into items select g, 1 + g % 500, g from generate_series(1, 200000) g;
     insert into notes select g, g, 'note' from generate_series(1, 1000) g;`,
  );
  const setup = await project.run(["setup", "--developer", "pat"]);
  expect(setup.status, setup.stderr).toBe(0);
  for (const name of own.slice(1)) {
    expect((await project.run(["db", "create", name])).status).toBe(0);
  }
  project.migrations.add("0001_bigger", "alter table items alter column n type bigint;");
  project.migrations.add("0002_fails", "update orgs set name = '';\n\nselect 1 from nowhere;");
  before = await dump("dev");
  failed = await project.run(["db", "migrate", "--target", "dev", "--json"]);
  after = await dump("dev");
  project.migrations.takeOut("0002_fails");
  project.migrations.add(
    "0002_more",
    "alter table items add column note text;\nalter table items add constraint positive check (n >= 0);\n" +
      "create index items_org on items (org_id);\nupdate orgs set name = upper(name) where id < 10;",
  );
  project.migrations.add(
    "0003_words",
    "create table words (word text);\ninsert into words values ('a');\n" +
      "create index concurrently items_n on items (n);",
  );
  done = await project.run(["db", "migrate", "--target", "dev", "--json"]);
  copies = (await branches()).filter((name) => ![...own, "main"].includes(name));
  expect((await project.run(["db", "migrate"])).status).toBe(0);
});
afterAll(() => project.remove());

/** Exactly one document. */
const document = ({ stdout }: Ended) => JSON.parse(stdout);
const branches = async (): Promise<string[]> => {
  const { branches } = document(await project.run(["db", "branches", "--json"]));
  return branches.map(({ name }: { name: string }) => name).sort();
};

/** The schema as pg_dump prints it and every row with its place and transaction, as one text. */
async function dump(target: string): Promise<string> {
  const shown = document(await project.run(["db", "url", "--target", target, "--json"]));
  const client = await connectPostgres(shown.url, { what: "the test" });
  try {
    const { rows } = await client.query<{ id: string; project: string }>(
      "select current_setting('neon.branch_id') as id, current_setting('neon.project_id') as project",
    );
    const engine = JSON.parse(readFileSync(join(project.home, "engine.json"), "utf8"));
    const key = readFileSync(join(project.home, "api-key"), "utf8").trim();
    const answer = await fetch(
      `${engine.url}/projects/${rows[0]?.project}/branches/${rows[0]?.id}/schema?db_name=neondb`,
      { headers: { authorization: `Bearer ${key}` } },
    );
    const { sql } = (await answer.json()) as { sql: string };
    expect(sql).toContain("CREATE TABLE public.items");
    const parts = [sql];
    for (const table of ["orgs", "items", "notes", "drizzle.__drizzle_migrations"]) {
      const { rows: of } = await client.query(
        `select md5(string_agg(t.xmin || ' ' || t.ctid || ' ' || t::text, ',' order by t.ctid)) as rows from ${table} t`,
      );
      parts.push(`${table} ${of[0].rows}`);
    }
    return parts.join("\n");
  } finally {
    await client.end();
  }
}

describe("rehearsal", () => {
  test("what failed on the copy leaves the target byte for byte as it was: 7, with the place", async () => {
    expect(failed.status, failed.stderr).toBe(7);
    const { error, rehearsal, applied, pending } = document(failed);
    expect(error).toMatchObject({
      code: "SQL_FAILED",
      migration: "0002_fails",
      line: 3,
      column: 15,
    });
    expect(rehearsal.of).toBe("main");
    expect({ applied, pending }).toEqual({ applied: [], pending: ["0001_bigger", "0002_fails"] });
    expect(rehearsal.statements.map(({ statement }: { statement: number }) => statement)).toEqual([
      1, 1,
    ]);
    expect(after).toBe(before);
    expect(copies).toEqual([]);
  });

  test("default before a shared stage: per statement the locks, rewrites and scans; then it is applied", async () => {
    expect(done.status, done.stderr).toBe(0);
    const { rehearsal, applied } = document(done);
    expect(applied).toEqual(["0001_bigger", "0002_more", "0003_words"]);
    expect(rehearsal).toMatchObject({
      of: "main",
      statements: [
        {
          migration: "0001_bigger",
          line: 1,
          statement: 1,
          rewritten: ["items"],
          // Once to write it anew, once for its primary key.
          scanned: [{ table: "items", rows: 400_000 }],
          locks: expect.arrayContaining([
            { table: "items", mode: "ACCESS EXCLUSIVE", earlier: false },
          ]),
        },
        {
          migration: "0002_more",
          rewritten: [],
          scanned: [],
          locks: [{ table: "items", mode: "ACCESS EXCLUSIVE", earlier: false }],
        },
        {
          line: 2,
          rewritten: [],
          scanned: [{ table: "items", rows: 200_000 }],
          locks: expect.arrayContaining([
            { table: "items", mode: "ACCESS EXCLUSIVE", earlier: true },
          ]),
        },
        {
          scanned: [{ table: "items", rows: 200_000 }],
          locks: expect.arrayContaining([{ table: "items", mode: "SHARE", earlier: false }]),
        },
        {
          statement: 4,
          statements: 4,
          sql: "update orgs set name = upper(name) where id < 10",
          locks: expect.arrayContaining([{ table: "orgs", mode: "ROW EXCLUSIVE", earlier: false }]),
        },
        { migration: "0003_words", locks: [], rewritten: [], scanned: [] },
        { migration: "0003_words", line: 2, locks: [], scanned: [], inTransaction: true },
        {
          line: 3,
          inTransaction: false,
          locks: expect.arrayContaining([
            { table: "items", mode: "SHARE UPDATE EXCLUSIVE", earlier: false },
          ]),
          // One pass builds the index, another one finds what was written meanwhile.
          scanned: [{ table: "items", rows: 400_000 }],
        },
      ],
    });
    expect(rehearsal.rows).toEqual({
      tables: [
        { table: "items", added: 0, removed: 0, changed: 0 },
        { table: "orgs", added: 0, removed: 0, changed: 9 },
      ],
      notCompared: [],
    });
    expect(done.stderr).toMatch(/\n {2}rows that it changed:\n {4}orgs +~9\n/);
    expect(rehearsal.statements[0].milliseconds).toBeGreaterThan(10);
    expect(done.stderr).toMatch(
      /0001_bigger:1 +\d+ ms +ACCESS EXCLUSIVE items +rewrote items, scanned items \(400,000 rows\)\n +alter table items alter/,
    );
  });

  test("what a killed run has left goes; what one works with stays, and so does another machine's of the same name", async () => {
    const machine = await ensureMachineId(project.home);
    const made = (by: string, pid: number) =>
      ephemeralName("rehearsal", "main", { machine: by, pid }, "0000");
    const left = made(machine, 4194305);
    const mine = made(machine, process.pid);
    const theirs = made(`${hostname()} ${"0".repeat(16)}`, 4194305);
    for (const name of [left, mine, theirs]) {
      expect((await project.run(["db", "create", name, "--no-endpoint"])).status).toBe(0);
    }
    const looked = await project.run([
      "db",
      "migrate",
      "--target",
      "pat-behind",
      "--rehearse",
      "--check",
      "--json",
    ]);
    expect(looked.status, looked.stderr).toBe(9);
    expect(looked.stderr).toContain(`removed ${left}`);
    expect(document(looked)).toMatchObject({ applied: [], error: { code: "PENDING" } });
    expect(document(looked).rehearsal.statements).toHaveLength(8);
    expect(await branches()).toEqual([...own, "main", mine, theirs].sort());
    for (const name of [mine, theirs]) await project.run(["db", "delete", name, "--yes"]);
  });

  test("Ctrl-C in the middle: 130, the target untouched, no copy left", async () => {
    project.migrations.add(
      "0004_slow",
      "alter table orgs add column x int;\nselect pg_sleep(600);",
    );
    const running = project.start(["db", "migrate", "--target", "dev", "--json"]);
    // Other than the one that the test before has made.
    const copies = async () =>
      (await branches()).filter((name) => /-of-main-.*-(?!0000$)[0-9a-f]{4}$/.test(name));
    await running.reaches("its copy", async () => (await copies()).length === 1, { everyMs: 100 });
    running.child.kill("SIGINT");
    const stopped = await running.ended;
    expect(stopped.status).toBe(130);
    expect(document(stopped)).toMatchObject({
      applied: [],
      pending: ["0004_slow"],
      rehearsal: { of: "main" },
      error: { code: "INTERRUPTED" },
    });
    project.migrations.takeOut("0004_slow");
    expect(await copies()).toEqual([]);
  });

  test("none on a branch of one's own unless asked for", async () => {
    const migrated = await project.run(["db", "migrate", "--target", "pat-own", "--json"]);
    expect(document(migrated)).not.toHaveProperty("rehearsal");
    expect(document(migrated).applied).toHaveLength(3);
  });

  test("flags that contradict each other: 2", async () => {
    for (const flags of [
      ["--no-rehearse", "--with-load"],
      ["--rehearse", "--db", "postgres://a@localhost/b"],
    ]) {
      expect((await project.run(["db", "migrate", ...flags])).status).toBe(2);
    }
  });
});

describe("under load", () => {
  const load = async (...migrations: [string, string][]) => {
    for (const [tag, sql] of migrations) project.migrations.add(tag, sql);
    const done = await project.run(["db", "migrate", "--with-load", "--check", "--json"]);
    expect(done.status, done.stderr).toBe(9);
    for (const [tag] of migrations) project.migrations.takeOut(tag);
    const { rehearsal, warnings } = document(done);
    return { ...rehearsal.load, warnings };
  };

  test("an exclusive lock on a busy parent shows up, for readers and writers", async () => {
    const report = await load([
      "0004_parent",
      "alter table orgs add column plan text;\nupdate items set n = n + 1;",
    ]);
    expect(report.tables).toEqual(["items", "orgs"].concat("notes"));
    const kinds = new Set(
      report.blocked.map(({ table, kind }: { table: string; kind: string }) => `${table} ${kind}`),
    );
    expect([...kinds].sort()).toEqual(["orgs read", "orgs write"]);
    expect(report.longestWaitMs).toBeGreaterThan(100);
    // Most of them come while the update runs.
    expect(report.blocked).toContainEqual(
      expect.objectContaining({ migration: "0004_parent", line: 2 }),
    );
    expect(report.deadlocks).toBe(0);
    expect(report.warnings).not.toEqual([]);
  });

  test("a foreign key in one step blocks writers of both tables; in two safe steps nobody", async () => {
    const add =
      "alter table items add constraint items_org foreign key (org_id) references orgs (id)";
    const once = await load(["0004_key", `${add};`]);
    expect(once.blocked.length).toBeGreaterThan(0);
    const twice = await load(
      ["0004_key", `${add} not valid;`],
      ["0005_valid", "alter table items validate constraint items_org;"],
    );
    expect(twice).toMatchObject({ blocked: [], longestWaitMs: 0, deadlocks: 0, warnings: [] });
    expect(twice.queries).toBeGreaterThan(50);
  });
});
