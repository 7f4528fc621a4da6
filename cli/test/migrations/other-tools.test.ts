import { existsSync, mkdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Ended } from "../../../scripts/test-support/program.ts";
import { withPostgres } from "../../src/postgres/io/connect.ts";
import { DsProject } from "../helpers/ds-project.ts";

// Projects whose migrations another tool applies: its command runs where Drizzle's migrations would, and nothing that
// only Drizzle's can be asked for is answered by guess.

const pg = pathToFileURL(createRequire(import.meta.url).resolve("pg")).href;
/** A tool: `up` applies the statements of steps.json that are not applied yet, `status` fails where there are some. */
const tool = `
  import { readFileSync, existsSync, writeFileSync } from "node:fs";
  import pg from "${pg}";
  const [, , what] = process.argv;
  if (existsSync("broken")) { console.error("cannot connect to " + process.env.DATABASE_URL); process.exit(4); }
  const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
  await client.connect();
  await client.query("create table if not exists knex_migrations (step int)");
  const { rows } = await client.query("select count(*)::int as done from knex_migrations");
  const steps = JSON.parse(readFileSync("steps.json", "utf8")).slice(rows[0].done);
  if (what === "status") process.exitCode = steps.length > 0 ? 1 : 0;
  else for (const step of steps) {
    await client.query(step);
    await client.query("insert into knex_migrations values (1)");
  }
  if (what === "up" && existsSync("hold")) {
    writeFileSync("held", "");
    await new Promise((end) => setTimeout(end, 60000));
  }
  await client.end();`;

const project = new DsProject(
  `{ project: "p", migrations: { command: "node tool.mjs up", check: "node tool.mjs status" } }`,
);
const steps = (...texts: string[]) => project.write("steps.json", JSON.stringify(texts));
const ds = (...args: string[]) => project.run([...args, "--json"]);
const query = (url: string, sql: string) =>
  withPostgres(url, { what: "the test" }, async (client) => (await client.query(sql)).rows);
const json = ({ stdout }: Ended) => JSON.parse(stdout);
const first = "create table a (id int)";
const second = "alter table a add column b text";

beforeAll(async () => {
  project.write("tool.mjs", tool);
  steps(first);
  expect(await ds("setup", "--developer", "one")).toMatchObject({ status: 0 });
});
afterAll(() => project.remove());

test("set-up has run it on main, and on the branch", async () => {
  const again = json(await ds("setup", "--developer", "one"));
  expect(again.migrations).toMatchObject({ status: "ran", command: "node tool.mjs up" });
  expect(await query(project.url, "select * from a")).toEqual([]);
  expect(await query(project.url, "select * from knex_migrations")).toHaveLength(1);
});

test("--check asks it: 0 where nothing is pending, 9 where something is; migrate applies it, undo takes it back", async () => {
  expect(await ds("db", "migrate", "--check")).toMatchObject({ status: 0 });
  steps(first, second);
  const pending = await ds("db", "migrate", "--check");
  expect(pending.status).toBe(9);
  expect(json(pending)).toMatchObject({ status: "pending", error: { code: "PENDING" } });

  expect(json(await ds("db", "migrate"))).toMatchObject({ status: "ran", applied: [] });
  expect(await query(project.url, "select b from a")).toEqual([]);
  expect(await ds("db", "undo", "--yes")).toMatchObject({ status: 0 });
  await expect(query(project.url, "select b from a")).rejects.toThrow();
});

test("reset runs it on what main is, and says so", async () => {
  steps(first, second);
  expect(json(await ds("db", "reset", "--yes"))).toMatchObject({
    migrations: { status: "ran", command: "node tool.mjs up" },
  });
  expect(await query(project.url, "select b from a")).toEqual([]);
});

test("before a shared branch it runs on a copy, and what fails there leaves the branch as it is", async () => {
  steps(first, second, "select nope");
  const failed = await ds("db", "migrate", "--target", "main");
  expect(json(failed).error).toMatchObject({
    code: "UPSTREAM",
    reason: "MIGRATION_COMMAND_FAILED",
  });
  expect(json(failed).error.hint).not.toContain("stays");
  const url = json(await ds("db", "url", "--target", "main")).url;
  await expect(query(url, "select b from a")).rejects.toThrow();
  steps(first, second);
  expect(await ds("db", "migrate", "--target", "main")).toMatchObject({ status: 0 });
  expect(await query(url, "select b from a")).toEqual([]);
  const { branches } = json(await ds("db", "branches"));
  expect(JSON.stringify(branches)).not.toContain("rehearsal");
});

test.each([["db migrate"], ["db reset --yes"], ["setup"]])(
  "%s, interrupted while it runs: what it has applied stays, and that is what it says",
  async (line) => {
    steps(first, second);
    await ds("db", "reset", "--yes");
    const third = `create table interrupted_${line.split(" ")[1] ?? line} (id int)`;
    steps(first, second, third);
    project.write("hold", "");
    const running = project.start([...line.split(" "), "--json"]);
    await running.reaches("the tool", () => existsSync(join(project.path, "held")));
    running.child.kill("SIGINT");
    const ended = await running.ended;
    for (const file of ["hold", "held"]) rmSync(join(project.path, file));
    expect(ended.status, ended.stderr).toBe(130);
    expect(json(ended).error).toMatchObject({ code: "INTERRUPTED", outcome: "unknown" });
    expect(json(ended).error.message).toMatch(
      /^Interrupted; .*what `node tool.mjs up` had applied by then stays in branch dev-one-local\.$/,
    );
    await expect(query(project.url, third)).rejects.toThrow("already exists");
  },
);

test("interrupted on the copy: the branch itself is as it was", async () => {
  steps(first, second, "create table on_the_copy (id int)");
  project.write("hold", "");
  const running = project.start(["db", "migrate", "--target", "main", "--json"]);
  await running.reaches("the tool", () => existsSync(join(project.path, "held")));
  running.child.kill("SIGINT");
  const ended = await running.ended;
  for (const file of ["hold", "held"]) rmSync(join(project.path, file));
  expect(json(ended).error).toMatchObject({ code: "INTERRUPTED", outcome: "unchanged" });
});

test("a failure has the tool's words and status, and no password", async () => {
  project.write("broken", "");
  const failed = await ds("db", "migrate");
  rmSync(join(project.path, "broken"));
  const { error } = json(failed);
  expect(failed.status).toBe(8);
  expect(error).toMatchObject({ reason: "MIGRATION_COMMAND_FAILED", status: 4 });
  expect(error.hint).toContain("stays");
  expect(error.message).toContain("cannot connect to");
  const { password } = new URL(project.url);
  expect(failed.stdout + failed.stderr).not.toContain(password);
});

test("status, doctor and the plan of a deployment say that they do not know", async () => {
  expect(json(await ds("db", "status"))).toMatchObject({
    migrator: "command",
    migrationsCommand: "node tool.mjs up",
    migrations: null,
    migrationsProblem: null,
  });
  const { checks } = json(await ds("doctor"));
  expect(checks).toContainEqual(expect.objectContaining({ check: "migrations", health: "ok" }));
});

test.each([
  ["db migrate --plan"],
  ["db migrate --conflicts"],
  ["db migrate --with-load"],
  ["db migrate --strict"],
  ["db baseline --yes"],
  ["db resolve --applied x --yes"],
  ["db generate"],
  ["db rebase --onto main"],
])("%s is not for ds to do", async (line) => {
  const { error } = json(await ds(...line.split(" ")));
  expect(error).toMatchObject({ code: "USAGE", reason: "MIGRATIONS_OF_OTHER_TOOL" });
});

describe("other configurations", () => {
  const config = (migrations: string) =>
    project.write("ds.config.ts", `export default { project: "p", migrations: ${migrations} };\n`);

  test("without a check, whether something is pending is not known", async () => {
    config(`{ command: "node tool.mjs up" }`);
    expect(json(await ds("db", "migrate", "--check")).error).toMatchObject({
      code: "CONFIG_INVALID",
      reason: "MIGRATIONS_UNKNOWN",
    });
  });

  test("a command that is not there", async () => {
    config(`{ command: "no-such-tool up" }`);
    expect(json(await ds("db", "migrate")).error).toMatchObject({
      code: "PREREQUISITE_MISSING",
      reason: "MIGRATION_COMMAND_MISSING",
    });
  });

  test("false: set-up and reset go on without, migrate refuses", async () => {
    config("false");
    expect(json(await ds("setup")).migrations).toMatchObject({ status: "none", command: null });
    expect(json(await ds("db", "reset", "--yes")).migrations).toMatchObject({ status: "none" });
    expect(json(await ds("db", "status"))).toMatchObject({ migrator: "none" });
    expect(json(await ds("db", "migrate")).error).toMatchObject({ reason: "NO_MIGRATIONS" });
  });

  test.each([
    [`{ command: "x", folder: "drizzle" }`, "migrations.folder"],
    [`{ check: "x" }`, "migrations.check"],
    [`{ command: "" }`, "migrations.command"],
    ["true", "migrations"],
  ])("%s is not valid", async (migrations, setting) => {
    config(migrations);
    expect(json(await ds("db", "status")).error).toMatchObject({
      reason: "CONFIG_SETTINGS",
      settings: [setting],
    });
  });

  test("a Prisma folder that is taken for Drizzle's: named, and nothing of it is run", async () => {
    config(`{ folder: "prisma/migrations" }`);
    mkdirSync(join(project.path, "prisma/migrations/20260101000000_init"), { recursive: true });
    project.write("prisma/migrations/migration_lock.toml", 'provider = "postgresql"\n');
    project.write("prisma/migrations/20260101000000_init/migration.sql", "create table prisma ();");
    expect(json(await ds("db", "migrate")).error).toMatchObject({
      reason: "FOLDER_OF_OTHER_TOOL",
      tool: "Prisma",
    });
    expect(json(await ds("setup")).error).toMatchObject({ reason: "FOLDER_OF_OTHER_TOOL" });
  });

  test("a folder that is not there yet: set-up and reset work all the same, migrate names it", async () => {
    rmSync(join(project.path, "prisma"), { recursive: true });
    config(`{ folder: "sql" }`);
    expect(json(await ds("setup")).migrations).toMatchObject({ status: "none" });
    expect(json(await ds("db", "reset", "--yes")).migrations).toMatchObject({ status: "none" });
    expect(json(await ds("db", "migrate")).error).toMatchObject({ reason: "FOLDER_MISSING" });
  });
});
