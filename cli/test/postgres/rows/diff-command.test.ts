import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { harmless } from "../../../src/lib/text/harmless.ts";
import { DsProject } from "../../helpers/ds-project.ts";
import { dsInProcess } from "../../helpers/in-process.ts";

// The command lines of `ds db diff --data`, on a real engine.

const project = new DsProject(`{ project: "shop" }`);

const plain = { PATH: process.env.PATH, HOME: process.env.HOME };
const run = (args: string[], env: Record<string, string> = {}) =>
  dsInProcess(
    {
      cwd: project.path,
      home: project.home,
      env: { ...plain, DS_HOME: project.home, NO_COLOR: "1", ...env },
    },
    ["db", "diff", ...args],
  );

async function document(args: string[]) {
  const { stdout, stderr } = await run([...args, "--json"]);
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout);
}

async function shown(args: string[]): Promise<string[]> {
  const { stdout, stderr, status } = await run(args);
  expect(status, stderr).toBe(0);
  return stdout.trimEnd().split("\n");
}

async function query(sql: string, url = project.url): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const urlOf = async (branch: string) => {
  const { stdout } = await project.run(["db", "url", "--target", branch]);
  return stdout.trim();
};

beforeAll(async () => {
  project.migrations.add(
    "0000_shop",
    `create table items (id int primary key, label text, api_token text, settings jsonb);
     insert into items select n, 'item ' || n, 'tok-' || md5(n::text), '{"a": 1}' from generate_series(1, 30) n;
     create table notes (item int references items on delete cascade, body text);
     insert into notes select n, 'note' from generate_series(1, 10) n;
     create table "odd ""name""" (id int primary key, "a	b" text);
     create schema audit;
     create table audit.events (id int primary key, what text)`,
  );
  const setup = await project.run(["setup", "--developer", "pat"]);
  expect(setup.status, setup.stderr).toBe(0);
});
afterAll(() => project.remove());

describe("what does not go together is refused before anything is read", () => {
  test.each([
    [["--since", "10 minutes ago"], "--since, --limit and --full are for --data"],
    [["--data", "--since", "1h", "--against", "main"], "--against and --since both name"],
    [["--against", "main"], "--against is for --data and --migration"],
    [["--limit", "3"], "--since, --limit and --full are for --data"],
    [["--full"], "--since, --limit and --full are for --data"],
    [["one", "two"], "one stage is compared"],
    [["pat-local", "--target", "pat-local"], "named twice"],
    [["--data", "--limit", "-1"], "--limit -1 is not a number of rows"],
    [["--data", "--limit", "x"], "--limit x is not a number of rows"],
    [["--data", "--limit", "100001"], "up to 100000"],
    [["--data", "--limit", "1.5"], "--limit 1.5 is not a number"],
    [["--data", "--sql", "--limit", "3"], "--sql writes all rows"],
    [["--data", "--sql", "--full"], "--sql writes all of each value"],
  ])("%j", async (args, message) => {
    const { error } = await document(args);
    expect(error).toMatchObject({ code: "USAGE" });
    expect(error.message).toContain(message);
    const { stdout, status } = await run(args);
    expect({ stdout, status }).toEqual({ stdout: "", status: 2 });
  });

  test("SQL is no document", async () => {
    expect((await document(["--data", "--sql"])).error).toMatchObject({ code: "USAGE" });
  });

  test("a branch, a stage or a table that there is not", async () => {
    expect((await document(["--data", "--against", "nobody"])).error).toMatchObject({
      code: "NOT_FOUND",
      reason: "BRANCH_NOT_FOUND",
    });
    expect((await document(["--data", "--target", "nobody-local"])).error).toMatchObject({
      code: "NOT_FOUND",
    });
    for (const more of [[], ["--sql"]]) {
      const { stdout, status, stderr } = await run(["--data", "items", "nothing", ...more]);
      expect({ stdout, status }).toEqual({ stdout: "", status: 4 });
      expect(stderr).toContain("has a table nothing");
    }
    expect((await document(["--data", "nothing"])).error.reason).toBe("NO_SUCH_TABLE");
  });
});

test("no difference, and none of a branch to itself", async () => {
  expect(await shown(["--data"])).toEqual([
    "No difference between the rows of dev-pat-local and main",
  ]);
  expect(await document(["--data"])).toMatchObject({ equal: true, rows: [], cut: false });
  expect(await shown(["--data", "--target", "main"])).toEqual([
    "No difference between the rows of main and main",
  ]);
  expect(await document(["--data", "--against", "dev-pat-local"])).toMatchObject({ equal: true });
  const sql = await shown(["--data", "--sql"]);
  expect(sql.at(-1)).toBe("-- Nothing to do.");
  expect(sql.every((line) => line.startsWith("--"))).toBe(true);
});

describe("rows that differ", () => {
  const long = "long ".repeat(40);

  beforeAll(async () => {
    await query(
      `update items set label = E'evil \\x1b[31m red\\u202e\\r\\nnext', api_token = 'tok-new' where id = 3;
       update items set label = '${long}' where id = 4;
       delete from items where id = 5;
       insert into items select n, 'new', 'tok-secret', null from generate_series(100, 249) n;
       insert into "odd ""name""" values (1, 'x');
       insert into audit.events values (1, 'made'), (2, null);
       create table fresh (id int)`,
    );
  });

  test("counts of each table, and what was not compared", async () => {
    expect(await shown(["--data"])).toEqual([
      "audit.events  +2",
      "items         +150  -1  ~2",
      "notes               -1",
      'odd "name"    +1',
      "fresh: not compared, a new table",
    ]);
  });

  test("the rows of tables that are named: 100 of them, or as many as --limit says", async () => {
    const lines = await shown(["--data", "items"]);
    expect(lines.filter((line) => line.startsWith("+ id="))).not.toHaveLength(150);
    expect(lines.filter((line) => /^[+~-] id=/.test(line))).toHaveLength(100);
    expect(lines.at(-1)).toBe("More rows differ: --limit shows more of them.");
    const all = await shown(["--data", "items", "audit.events", "--limit", "1000"]);
    expect(all.filter((line) => /^[+~-] id=/.test(line))).toHaveLength(155);
    expect(all).toContain("+ id=2  what=NULL");
    const none = await document(["--data", "--limit", "0"]);
    expect(none).toMatchObject({ rows: [], cut: true, equal: false });
    expect(none.tables.find(({ table }: { table: string }) => table === "items")).toEqual({
      table: "items",
      key: ["id"],
      added: 150,
      removed: 1,
      changed: 2,
      addedColumns: [],
      droppedColumns: [],
    });
    const cut = await document(["--data", "--limit", "3"]);
    expect({ rows: cut.rows.length, cut: cut.cut }).toEqual({ rows: 3, cut: true });
    expect((await document(["--data", "items", "--limit", "1000"])).cut).toBe(false);
  });

  test("what would act on a terminal is shown as what it is, and JSON has it whole", async () => {
    const { stdout } = await run(["--data", "items", "--limit", "1000"]);
    expect(harmless(stdout)).toBe(stdout);
    const line = stdout.split("\n").find((each) => each.startsWith("~ id=3"));
    expect(line).toContain("\\u001b[31m red");
    const { rows } = await document(["--data", "items", "--limit", "1000"]);
    expect(rows.find(({ key }: { key: { id: string } }) => key.id === "3").after.label).toBe(
      "evil \u001b[31m red\u202e\r\nnext",
    );
  });

  test("values that sound secret, and long ones, are shown only with --full", async () => {
    const text = (await shown(["--data", "items", "--limit", "1000"])).join("\n");
    expect(text).not.toContain("tok-");
    expect(text).toContain(
      'api_token: "(36 characters, not shown)" -> "(7 characters, not shown)"',
    );
    expect(text).not.toContain(long);
    const { stdout } = await run(["--data", "items", "--limit", "1000", "--json"]);
    expect(stdout).not.toContain("tok-");
    const full = (await shown(["--data", "items", "--limit", "1000", "--full"])).join("\n");
    expect(full).toContain("tok-secret");
    expect(full).toContain(long);
  });

  test("tables with and without their schema", async () => {
    const byName = await document(["--data", "public.items"]);
    expect(byName.tables.map(({ table }: { table: string }) => table)).toEqual(["items"]);
    expect((await document(["--data", "events"])).error.reason).toBe("NO_SUCH_TABLE");
  });

  test("SQL is harmless to look at, whole, and does what it says: on another branch of main's", async () => {
    expect((await project.run(["db", "create", "other"])).status).toBe(0);
    const url = await urlOf("other");
    const one = await run(["--data", "--sql", "items", "--against", "other"]);
    expect(one.status, one.stderr).toBe(0);
    expect(harmless(one.stdout)).toBe(one.stdout);
    expect(one.stdout).toContain("-- notes: foreign keys may delete or change rows of it");
    expect(one.stdout).toContain("tok-secret");
    expect(one.stdout).not.toContain("audit");
    await query(one.stdout, url);
    expect((await document(["--data", "items", "--against", "other"])).equal).toBe(true);
    // The note of item 5 went with it.
    expect((await document(["--data", "notes", "--against", "other"])).equal).toBe(true);

    const rest = await run(["--data", "--sql", "--against", "other"]);
    await query(rest.stdout, url);
    const left = await document(["--data", "--against", "other"]);
    expect(left.tables.every((each: Record<string, number>) => each.added === 0)).toBe(true);
    expect(left.notCompared).toEqual([{ table: "fresh", why: "ONLY_IN_BRANCH" }]);
    // The other way round nothing is left either, and main is as it was.
    const back = await document(["--data", "--target", "other", "--against", "dev-pat-local"]);
    expect(back.tables.every((each: Record<string, number>) => each.added === 0)).toBe(true);
    expect((await document(["--data"])).equal).toBe(false);
  });

  test("records of migrations are taken over only where they are named", async () => {
    await query(`insert into drizzle.__drizzle_migrations (hash, created_at) values ('x', 1)`);
    const { stdout } = await run(["--data", "--sql", "--against", "other"]);
    expect(stdout).toContain("-- drizzle.__drizzle_migrations: left out, as it records migrations");
    expect(stdout).not.toContain("insert into");
    const named = await run([
      ...["--data", "--sql", "drizzle.__drizzle_migrations"],
      ...["--against", "other"],
    ]);
    expect(named.stdout).toContain('insert into "drizzle"."__drizzle_migrations"');
    await query("delete from drizzle.__drizzle_migrations where hash = 'x'");
  });
});

test("rows that would lose what only the other side has are refused by name", async () => {
  const url = await urlOf("other");
  await query(
    "alter table items add column needed int not null default 0; alter table items alter needed drop default",
    url,
  );
  await query("insert into items values (900, 'x')");
  const { stdout, status, stderr } = await run(["--data", "--sql", "items", "--against", "other"]);
  expect({ stdout, status }).toEqual({ stdout: "", status: 5 });
  expect(stderr).toContain("items: new rows have no value for needed");
  expect((await document(["--data", "items", "--against", "other"])).tables[0]).toMatchObject({
    droppedColumns: ["needed"],
  });
});

test("tables that are another server's are told", async () => {
  const sql = `create extension postgres_fdw; create server far foreign data wrapper postgres_fdw;
    create foreign table far_items (id int) server far`;
  await query(sql);
  await query(sql, await urlOf("main"));
  const told = { table: "far_items", why: "FOREIGN_TABLE" };
  expect((await document(["--data"])).notCompared).toContainEqual(told);
  expect((await document(["--data", "far_items"])).notCompared).toEqual([told]);
  const { stdout } = await run(["--data", "--sql"]);
  expect(stdout).toContain("-- far_items: not compared, its rows are another server's");
});
