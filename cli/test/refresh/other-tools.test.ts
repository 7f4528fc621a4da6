import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Ended } from "../../../scripts/test-support/program.ts";
import { from } from "./shapes/shape.ts";
import { sqlToolLine, writeSqlTool } from "./sql-tool.ts";
import { RefreshStage } from "./stage.ts";

// A main whose migrations another tool applies, or nobody, with extensions that Postgres lets only superusers create.

const schema = `
create extension earthdistance cascade;
create extension pgstattuple;
create extension ltree;
create table organizations (id text primary key, name text);
create table roles (code text primary key, title text not null);
insert into roles values ('owner', 'The owner'), ('guest', 'A guest');
create table shops (id serial primary key, organization_id text not null references organizations, place cube, path ltree, role_code text references roles);
create index on shops using gist (ll_to_earth(52.5, id));
`;
const rules = `{ ${from}, tenant: { table: "organizations", column: "organization_id", demo: "org_a" },
  tables: { roles: "keep" }, columns: { "organizations.name": mask.token(), "shops.place": mask.keep(), "shops.path": mask.keep() } }`;

let stage: RefreshStage;

beforeAll(async () => {
  stage = await RefreshStage.start({
    schema,
    data: `create table public.schema_migrations (version text primary key); insert into public.schema_migrations values ('of production');
      insert into organizations values ('org_a', 'Alpha'), ('org_b', 'Beta');
      insert into shops (organization_id, place, path, role_code)
        select 'org_' || (array['a', 'b'])[1 + n % 2], ll_to_earth(n, n)::cube, 'a.b', 'owner' from generate_series(1, 40) n`,
    rules,
    migrations: sqlToolLine,
  });
});
afterAll(() => stage?.stop());

const refresh = (args = ["--yes", "--json"]) => stage.refresh(stage.production, args);
const json = ({ stdout }: Ended) => JSON.parse(stdout);
const ledger = () => stage.rows("select version from schema_migrations order by 1");

test("--init runs the command on an empty database: what it fills is main's own", async () => {
  const { status, stdout, stderr } = await stage.refresh(stage.production, ["--init", "--json"]);
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(JSON.parse(stdout)).toMatchObject({ unseen: [], tables: { roles: "keep" } });
});

test("what its command brings is on the new main, whose records stay the tool's own", async () => {
  const more = `alter table shops add column opened date;
    create table labels (slug text primary key, organization_id text not null references organizations)`;
  const behind = await stage.variant(`${more}; insert into labels values ('open', 'org_a')`);
  const types = await stage.refresh(behind, ["--plan", "--json"]);
  expect(json(types).error).toMatchObject({ reason: "PLAN_REFUSED" });
  // A key that somebody writes stays as it is, and that is said before main has its table.
  const slugs = expect.objectContaining({
    table: "labels",
    unmasked: expect.arrayContaining([expect.objectContaining({ column: "slug", why: "key" })]),
  });
  expect(json(types).arrivals.tables).toContainEqual(slugs);
  writeSqlTool(stage.project, { "0001_opened": more });
  const began = performance.now();
  const ended = await stage.refresh(behind, ["--yes", "--json"]);
  const passed = (performance.now() - began) / 1000;
  expect({ status: ended.status, stderr: ended.stderr }).toMatchObject({ status: 0 });
  const { seconds, waitedSeconds, arrivals } = json(ended);
  expect(arrivals.tables).toContainEqual(slugs);
  const phases = Object.values(seconds as Record<string, number>).reduce((sum, each) => sum + each);
  expect(waitedSeconds).toBeGreaterThan(phases);
  expect(waitedSeconds).toBeLessThanOrEqual(passed);
  expect(await ledger()).toEqual([{ version: "0000_zoo.sql" }, { version: "0001_opened.sql" }]);
  expect(
    await stage.rows("select count(*)::int as n, count(opened)::int as opened from shops"),
  ).toEqual([{ n: 20, opened: 0 }]);
});

test("a command that fails leaves main as it is, and says what the tool said", async () => {
  const before = await stage.contents();
  writeSqlTool(stage.project, { "0002_wrong": "select nothing_like_this()" });
  const ended = await refresh();
  expect(json(ended).error).toMatchObject({
    reason: "MIGRATION_COMMAND_FAILED",
    outcome: "unchanged",
    message: expect.stringContaining("nothing_like_this"),
  });
  expect(await stage.contents()).toBe(before);
  expect(await stage.branches()).not.toContainEqual(expect.stringContaining("refresh-of"));
  rmSync(join(stage.project.path, "sql/0002_wrong.sql"));
});

test.each([
  ["a column", "alter table shops add column closed date", "alter table shops drop column closed"],
  [
    "a record of the tool's",
    "insert into schema_migrations values ('9999')",
    "delete from schema_migrations where version = '9999'",
  ],
])("main was migrated meanwhile, by %s: it stays as it is", async (_, change, undo) => {
  const url = await stage.mainUrl();
  stage.project.write(
    "meanwhile.mjs",
    `import pg from "${import.meta.resolve("pg")}";
     const client = new pg.Client({ connectionString: ${JSON.stringify(url)} });
     await client.connect();
     await client.query(${JSON.stringify(change)});
     await client.end();`,
  );
  const ended = await stage.refresh(
    await stage.variant("alter table shops add column opened date"),
    ["--yes", "--json"],
  );
  rmSync(join(stage.project.path, "meanwhile.mjs"));
  expect(json(ended).error).toMatchObject({ reason: "MIGRATED_MEANWHILE", outcome: "unchanged" });
  await stage.rows(undo);
});

test("with `migrations: false` main is taken as it is", async () => {
  const place = `project: "zoo", migrations: false`;
  stage.project.write(
    "ds.config.ts",
    `import { defineConfig } from "@devstride/ds";\nexport default defineConfig({ ${place} });\n`,
  );
  const proposed = await stage.refresh(stage.production, ["--init", "--json"]);
  expect(json(proposed).unseen).toEqual([
    expect.stringContaining("ds runs none here"),
    expect.any(String),
  ]);
  stage.project.write(
    "ds.config.ts",
    `import { defineConfig, mask } from "@devstride/ds";\nexport default defineConfig({ ${place}, refresh: ${rules} });\n`,
  );
  const production = await stage.variant("alter table shops add column opened date");
  const { status, stderr } = await stage.refresh(production);
  expect({ status, stderr }).toMatchObject({ status: 0 });
  expect(await stage.rows("select count(*)::int as n from shops")).toEqual([{ n: 20 }]);
  expect(await ledger()).toHaveLength(2);
});
