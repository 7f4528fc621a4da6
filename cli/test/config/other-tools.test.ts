import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadConfig } from "../../src/config/io/load.ts";
import { dsInProcess } from "../helpers/in-process.ts";
import { scratchFolder } from "../helpers/scratch.ts";

// Repositories of other tools than Drizzle, and of none, without a ds.config.ts.

let scratch: ReturnType<typeof scratchFolder>;
let root: string;
const home = () => join(scratch.path, "home");
const env = { PATH: process.env.PATH };
const load = () => loadConfig({ cwd: root, env, home: home() });
const write = (name: string, text = "") => {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), text);
};

beforeEach(() => {
  scratch = scratchFolder();
  root = join(scratch.path, "project");
  mkdirSync(join(root, ".git"), { recursive: true });
});
afterEach(() => scratch.remove());

const prisma = `migrations: { command: "npx prisma migrate deploy", check: "npx prisma migrate status" }`;

const up = "-- +goose Up\ncreate table a ();";
const package_ = (name: string) =>
  `package.json=${JSON.stringify({ dependencies: { [name]: "1" } })}`;

/** Files as `path` or `path=text`. */
const writeAll = (files: string[]) => {
  for (const file of files) {
    const [path = "", ...text] = file.split("=");
    write(path, text.join("="));
  }
};

describe.each<[string, string[], string]>([
  ["Flyway", ["src/main/resources/db/migration/V1__a.sql"], "migrations: false"],
  ["Flyway", ["db/migration/V1__a.sql"], "migrations: false"],
  ["Prisma", ["packages/db/prisma/schema.prisma"], `status", cwd: "packages/db" }`],
  ["Prisma", ["db/prisma/schema.prisma"], `status", cwd: "db" }`],
  ["goose", [`migrations/1_a.sql=${up}`], `goose -dir migrations up" }`],
  ["goose", [`api/db/migrations/1_a.sql=${up}`], `goose -dir db/migrations up", cwd: "api" }`],
  [
    "dbmate",
    ["db/migrations/1_a.sql=-- migrate:up"],
    `dbmate -d db/migrations --no-dump-schema up`,
  ],
  ["Liquibase", ["src/main/resources/db/changelog/a.sql"], "migrations: false"],
  ["golang-migrate", ["db/migrations/000001_a.up.sql"], "migrations: false"],
  ["Ecto", ["priv/repo/migrations/20260101000000_a.exs"], "migrations: false"],
  ["Laravel", ["database/migrations/2026_01_01_000000_a.php"], "php artisan migrate --force"],
  ["Sequelize", [package_("sequelize"), "migrations/20260101000000-a.js"], "db:migrate"],
  ["Alembic", ["alembic/env.py"], `command: "alembic upgrade head"`],
  ["Flask-Migrate", ["migrations/alembic.ini"], `command: "flask db upgrade"`],
  ["Django", ["services/api/manage.py"], `cwd: "services/api"`],
  ["Prisma", ["prisma/schema.prisma"], prisma],
  ["Prisma", ["prisma.config.ts"], prisma],
  ["Knex", ["knexfile.ts"], `migrations: { command: "npx knex migrate:latest" }`],
  ["Knex", ["db/knexfile.js"], `migrations: { command: "npx knex migrate:latest", cwd: "db" }`],
  ["Rails", ["db/migrate/20260101000000_a.rb"], `command: "bin/rails db:migrate"`],
  ["Django", ["manage.py"], `command: "python manage.py migrate --noinput"`],
  ["Flyway", ["sql/V1__a.sql"], "migrations: false"],
  ["Atlas", ["atlas.hcl"], "migrations: false"],
  ["golang-migrate", ["migrations/1_a.up.sql", "migrations/1_a.down.sql"], "migrations: false"],
])("%s, by %j", (name, files, line) => {
  test("ds init writes the line that has it run", async () => {
    writeAll(files);
    await expect(load()).rejects.toMatchObject({ details: { tool: name } });
    const { stdout, status } = await dsInProcess({ cwd: root, home: home(), env }, [
      "init",
      "--json",
    ]);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ tool: name, migrations: null });
    expect(readFileSync(join(root, "ds.config.ts"), "utf8")).toContain(line);
    const { migrator } = await load();
    expect(migrator.kind).toBe(line === "migrations: false" ? "none" : "command");
  });
});

test("Prisma's files in Drizzle's folder", async () => {
  write("drizzle/migration_lock.toml");
  write("drizzle/1_a/migration.sql");
  const { stdout } = await dsInProcess({ cwd: root, home: home(), env }, ["init", "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({ tool: "Prisma", migrations: null });
  expect(readFileSync(join(root, "ds.config.ts"), "utf8")).toContain(prisma);
});

test("the same where a drizzle config names the folder", async () => {
  write("db/drizzle.config.json", `{ "dialect": "postgresql", "out": "sql" }`);
  write("db/sql/migration_lock.toml");
  const { stdout } = await dsInProcess({ cwd: root, home: home(), env }, ["init", "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({ tool: "Prisma", migrations: null });
});

test("what to write is told by whether there is a ds.config.ts, which ds init would not replace", async () => {
  write("drizzle/migration_lock.toml");
  const setup = () => dsInProcess({ cwd: root, home: home(), env }, ["setup", "--json"]);
  const error = async () => JSON.parse((await setup()).stdout).error;
  expect(await error()).toMatchObject({
    reason: "FOLDER_OF_OTHER_TOOL",
    hint: expect.stringContaining("ds init"),
  });
  write("ds.config.ts", `export default { project: "p" };`);
  const { reason, hint } = await error();
  expect(reason).toBe("FOLDER_OF_OTHER_TOOL");
  expect(hint).toContain(prisma);
  expect(hint).not.toContain("ds init");
});

test("set-up, where ds.config.ts names a folder that is not there, names the tool before anything is made", async () => {
  write("ds.config.ts", `export default { project: "p", migrations: { folder: "drizzle" } };`);
  write("packages/db/prisma/schema.prisma");
  const ended = await dsInProcess({ cwd: root, home: home(), env }, ["setup", "--json"]);
  expect(ended.status).toBe(3);
  expect(JSON.parse(ended.stdout).error).toMatchObject({
    reason: "FOLDER_OF_OTHER_TOOL",
    tool: "Prisma",
    hint: expect.stringContaining(`cwd: "packages/db"`),
  });
});

test("a drizzle config two levels down counts before another tool's project", async () => {
  write("services/ml/manage.py");
  write("services/db/drizzle.config.json", `{ "dialect": "postgresql", "out": "sql" }`);
  const { stdout } = await dsInProcess({ cwd: root, home: home(), env }, ["init", "--json"]);
  expect(JSON.parse(stdout)).toMatchObject({ tool: null, migrations: "services/db/sql" });
});

test("what lies deeper, or in what was installed or is an example, is no sign", async () => {
  write("a/b/c/manage.py");
  write("node_modules/x/manage.py");
  write("examples/x/prisma/schema.prisma");
  expect(await load()).toMatchObject({ migrator: { kind: "none", onPurpose: false } });
});

test("without ds.config.ts another tool's project is named, before anything is made", async () => {
  write("prisma/schema.prisma");
  await expect(load()).rejects.toMatchObject({ reason: "NO_CONFIG", details: { tool: "Prisma" } });
});

test("by a package of package.json", async () => {
  write("package.json", `{ "devDependencies": { "node-pg-migrate": "8" } }`);
  await expect(load()).rejects.toMatchObject({ details: { tool: "node-pg-migrate" } });
});

test("a drizzle config counts before what else there is", async () => {
  write("knexfile.js");
  write("drizzle.config.json", `{ "dialect": "postgresql", "out": "sql" }`);
  expect(await load()).toMatchObject({
    migrator: { kind: "drizzle" },
    migrations: { folder: join(root, "sql") },
  });
});

test("a checkout without any migrations is a project all the same", async () => {
  write("package.json", `{ "name": "shop" }`);
  expect(await load()).toMatchObject({
    project: "shop",
    root,
    migrator: { kind: "none", onPurpose: false },
  });
});
