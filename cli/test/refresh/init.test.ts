import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { withPostgres } from "../../src/postgres/io/connect.ts";
import { RefreshStage } from "./stage.ts";

// What `--init` proposes, accepted unread: nobody else's rows arrive, and no value of production.

const schema = `
create table organizations (id text primary key, name text);
create table blobs (id text primary key, filename text, content bytea, metadata jsonb);
create table documents (id text primary key, organization_id text not null references organizations, blob_id text references blobs, body text);
create table schema_migrations (version text primary key);
insert into schema_migrations values ('20260101'), ('20260201');
create table plans (code text primary key, title text not null);
insert into plans values ('free', 'Free of charge'), ('pro', 'For professionals');
create table patients (id text primary key, organization_id text not null references organizations, postal_code text, zip_code text, marital_status text,
  diagnosis_code text, recovery_code text, pin_code text, tax_code text, state text, country_code text, comment text check (btrim(comment) = comment),
  stage text, status text not null default 'well' check (status in ('well', 'it''s ill')), visa_status varchar(9) check (visa_status in ('none', 'temporary')), plan_code text references plans, mentor_id text references patients);
create type gender as enum ('f', 'm');
alter table patients add gender gender not null default 'f';
create table projects (id text primary key, organization_id text not null references organizations);
create table keys (id text primary key, organization_id text references organizations, project_id text references projects, k bytea not null unique);
create table workspaces (id text primary key, organization_id text not null references organizations, share_slug varchar(8) unique, ipaddress text);
create table pages (id text primary key, workspace_id text not null references workspaces, extra jsonb, permissions text[]);
create table boards (id text primary key, workspace_id text not null references workspaces, plan_display_name text);
create table cards (id text primary key, workspace_id text not null references workspaces);
create table background_jobs (id bigserial primary key, payload jsonb, last_error text);
create table choices (id bigint primary key, organization_id text not null references organizations,
  ${Array.from({ length: 40 }, (_, n) => `plan${n} text references plans`).join(", ")});
`;

/** Two tenants; every second row is of the other one. */
const data = `
insert into organizations values ('org_a', 'Ridgeway Clinic'), ('org_b', 'Hollow Hospital');
update schema_migrations set version = 'production-' || version;
insert into blobs select 'blob' || n, 'scan of Mrs Okonkwo ' || n || '.pdf', convert_to('private document ' || n, 'UTF8'),
  jsonb_build_object('owner', 'Jane Roe ' || n, 'contact', jsonb_build_object('phone', 491701234000 + n, 'mails', jsonb_build_array('jane' || n || '@corp.example')),
    'pages', n)
  from generate_series(1, 200) n;
insert into documents select 'doc' || n, 'org_' || (array['a', 'b'])[1 + n % 2], 'blob' || n, 'Dear Mr Lindqvist, about your case ' || n from generate_series(1, 180) n;
insert into patients (id, organization_id, postal_code, zip_code, marital_status, diagnosis_code, recovery_code, pin_code, tax_code, state, country_code, comment, stage, plan_code, mentor_id)
  select 'pat' || n, 'org_' || (array['a', 'b'])[1 + n % 2], (array['10115', '20095', '80331'])[1 + n % 3], '9021' || n % 4,
  (array['married', 'single'])[1 + n % 3 % 2], 'F' || 30 + n % 5, 'REC-' || n || '-XYZ', (1000 + n)::text, 'TX' || n, (array['Bavaria', 'Saxony'])[1 + n / 2 % 2],
  (array['DE', 'FR'])[1 + n / 2 % 2], 'called the wife, number ' || n, (array['new', 'open', 'closed'])[1 + n % 3], (array['free', 'pro'])[1 + n % 2],
  case when n > 4 then 'pat' || n - 2 end
  from generate_series(1, 300) n;
insert into projects select 'prj' || n, 'org_' || (array['a', 'b'])[1 + n % 2] from generate_series(1, 20) n;
insert into keys select 'key' || n, 'org_' || (array['a', 'b'])[1 + n % 2], 'prj' || 1 + (n + 1) % 20, convert_to('secret key material ' || n, 'UTF8') from generate_series(1, 100) n;
insert into keys select 'project-key' || n, null, 'prj' || n % 20 + 1, convert_to('secret of a project ' || n, 'UTF8') from generate_series(1, 10) n;
insert into workspaces select 'ws' || n, 'org_' || (array['a', 'b'])[1 + n % 2], 'slug-' || n, '192.0.2.' || n from generate_series(1, 30) n;
insert into pages select 'pg' || n, 'ws' || 1 + n % 30, jsonb_build_object('Ada Quimby ' || n, n), array['view secret ' || n] from generate_series(1, 60) n;
insert into boards select 'bd' || n, 'ws' || 1 + n % 30, 'Board of Mr Smith ' || n from generate_series(1, 60) n;
insert into cards select 'cd' || n, 'ws' || 1 + n % 30 from generate_series(1, 60) n;
insert into choices (id, organization_id, plan0) select n, 'org_' || (array['a', 'b'])[1 + n % 2], 'pro' from generate_series(1, 20) n;
insert into background_jobs (payload, last_error) select jsonb_build_object('to', 'boss' || n || '@corp.example'), 'failed for Mr Kim' from generate_series(1, 50) n;
`;

let stage: RefreshStage;
let proposed: Awaited<ReturnType<RefreshStage["run"]>>;
/** ds.config.ts as it was proposed. */
let written: string;

beforeAll(async () => {
  stage = await RefreshStage.start({
    schema,
    data,
    rules: `{ from: "prod", tenant: { table: "x", demo: "x" } }`,
  });
  stage.project.write("ds.config.ts", config());
  proposed = await init(["--json"]);
  written = readFileSync(join(stage.project.path, "ds.config.ts"), "utf8");
});
afterAll(() => stage?.stop());

const config = (more = "") =>
  `import { defineConfig } from "@devstride/ds";\nexport default defineConfig({\n  project: "zoo",\n${more}});\n`;

/** Reads the source as its proposal says that it is called. */
const init = (args: string[] = [], url: string | undefined = stage.production) =>
  stage.run(
    ["db", "refresh-staging", "--init", ...args],
    url === undefined ? {} : { PRODUCTION_DATABASE_URL: url },
  );

test("the proposal: no table whole, main's own kept, nothing personal kept, no value in it", () => {
  const { status, stdout, stderr } = proposed;
  expect({ status, stderr }).toMatchObject({ status: 0 });
  const { tenant, tables, columns, unseen } = JSON.parse(stdout);
  expect(tenant).toEqual({ table: "organizations", key: "id", column: "organization_id" });
  expect(unseen).toEqual([]);
  expect(tables).toEqual({
    background_jobs: "skip",
    blobs: "shared",
    keys: { nullTenant: "skip", via: ["organization_id", "project_id"] },
    plans: "keep",
  });
  const kept = Object.entries(columns).filter(([, code]) => code === "mask.keep()");
  expect(kept.map(([name]) => name).sort()).toEqual([
    "patients.country_code",
    "patients.stage",
    "patients.status",
  ]);
  expect(columns).toMatchObject({
    "keys.k": "mask.token()",
    "blobs.metadata": 'mask.json({ "contact.phone": mask.token() })',
    "pages.extra": 'mask.json({}, { others: "drop" })',
    "patients.gender": 'mask.dictionary(["f", "m"])',
    "patients.visa_status": 'mask.dictionary(["none", "temporary"])',
    "workspaces.ipaddress": "mask.ip()",
    "boards.plan_display_name": "mask.text()",
  });
  for (const value of [
    "Okonkwo",
    "Bavaria",
    "married",
    "closed",
    "Quimby",
    "corp",
    "org_a",
    "blob1",
  ]) {
    expect(`${written}${stdout}${stderr}`).not.toContain(value);
  }
});

describe("accepted unread", () => {
  let plans: { stdout: string }[];
  beforeAll(async () => {
    // What nobody but the team knows: which organization, and how production is told.
    const accepted = written
      .replace(`demo: "demo"`, `demo: "org_a"`)
      .replace("PRODUCTION_DATABASE_URL", "PRODUCTION_URL")
      .replace("current_setting('cluster_name')", "current_setting('zoo.place', true)");
    stage.project.write("ds.config.ts", accepted);
    plans = [
      await stage.refresh(stage.production, ["--plan"]),
      await stage.refresh(stage.production, ["--plan", "--all"]),
    ];
    const { status, stderr } = await stage.refresh(stage.production);
    expect({ status, stderr }).toMatchObject({ status: 0 });
  });

  test("exactly the organization's rows arrive, and ledgers are as they were", async () => {
    const owned = (table: string) => `select id from ${table} where organization_id = 'org_a'`;
    const inWorkspaces = (table: string) =>
      `select id from ${table} where workspace_id in (${owned("workspaces")})`;
    const expected: Record<string, string> = {
      organizations: "select id from organizations where id = 'org_a'",
      documents: owned("documents"),
      blobs: `select distinct blob_id as id from documents where organization_id = 'org_a' and blob_id is not null`,
      patients: owned("patients"),
      projects: owned("projects"),
      keys: `${owned("keys")} or project_id in (${owned("projects")})`,
      workspaces: owned("workspaces"),
      pages: inWorkspaces("pages"),
      boards: inWorkspaces("boards"),
      cards: inWorkspaces("cards"),
      background_jobs: "select id from background_jobs where false",
    };
    for (const [table, sql] of Object.entries(expected)) {
      const ids = async (client: Client, text: string) =>
        (await client.query(`${text} order by 1`)).rows.map(({ id }) => id);
      const there = await withPostgres(stage.production, { what: "production" }, (client) =>
        ids(client, sql),
      );
      const here = await stage.onMain((client) => ids(client, `select id from ${table}`));
      expect({ table, ids: here }).toEqual({ table, ids: there });
    }
    expect(await stage.rows("select version from schema_migrations order by 1")).toEqual([
      { version: "20260101" },
      { version: "20260201" },
    ]);
    expect(await stage.rows("select code from plans order by 1")).toEqual([
      { code: "free" },
      { code: "pro" },
    ]);
  });

  test("--plan cuts long lists, and --all shows them to their end", () => {
    const [short = "", long = ""] = plans.map(({ stdout }) => stdout);
    const [, more] = /^ {2}and (\d+) more: --plan --all$/m.exec(short) ?? [];
    expect(Number(more)).toBeGreaterThan(0);
    expect(long).not.toContain("--all");
    expect(long.split("\n")).toHaveLength(short.split("\n").length - 1 + Number(more));
  });

  test("no value of production is in a text, JSON or bytea column", async () => {
    const harmless = ["patients.country_code", "patients.stage", "patients.status"];
    const there = await withPostgres(stage.production, { what: "production" }, valuesByColumn);
    const here = await stage.onMain(valuesByColumn);
    const all = new Set([...there.values()].flat());
    const left = [...here]
      .filter(([column]) => !harmless.includes(column))
      .flatMap(([column, values]) =>
        values.filter((value) => all.has(value)).map((value) => `${column}: ${value}`),
      );
    expect(left).toEqual([]);
    expect(here.get("patients.comment")).toHaveLength(150);
  });
});

/** Every text, each word of JSON and numbers in it of more than four digits, and bytes; of columns that are no keys. */
async function valuesByColumn(client: Client): Promise<Map<string, string[]>> {
  const { rows } = await client.query<{ table: string; name: string; type: string }>(`
    select c.relname as table, a.attname as name, format_type(a.atttypid, null) as type
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and a.attnum > 0 and c.relname not in ('plans', 'schema_migrations')
      and format_type(a.atttypid, null) ~ '^(text|character varying|jsonb|bytea)'
      and not exists (select from pg_constraint k where k.conrelid = c.oid and k.contype in ('p', 'f') and a.attnum = any (k.conkey))`);
  const found = new Map<string, string[]>();
  for (const { table, name, type } of rows) {
    const value =
      type === "jsonb"
        ? `select (regexp_matches(${name}::text, '"[^"]{4,}"|[0-9]{5,}', 'g'))[1] as v`
        : `select ${name}::text as v`;
    const { rows: values } = await client.query<{ v: string | null }>(
      `select v from (${value} from "${table}") s where v is not null`,
    );
    const keys = ["owner", "contact", "phone", "mails", "pages"].map((key) => `"${key}"`);
    found.set(
      `${table}.${name}`,
      values.map(({ v }) => v ?? "").filter((v) => !keys.includes(v)),
    );
  }
  return found;
}

test("it says where it could not look", async () => {
  stage.project.write("ds.config.ts", config());
  const unset = JSON.parse((await init(["--json"], "")).stdout);
  expect(unset.unseen).toContainEqual(expect.stringContaining("PRODUCTION_DATABASE_URL"));
  stage.project.write("ds.config.ts", config());
  const closed = await init(["--json"], "postgresql://nobody@127.0.0.1:1/none");
  expect(JSON.parse(closed.stdout).unseen).toContainEqual(expect.stringMatching(/^production: /));
});

test("whose the rows are: as the configuration says, as --tenant says, or from a list", async () => {
  stage.project.write(
    "ds.config.ts",
    config(`  refresh: { from: { variable: "PRODUCTION_DATABASE_URL", marker: { query: "select 1", value: "1" } },
      tenant: { table: "workspaces", column: ["workspace_id"], demo: "ws1" } },\n`),
  );
  const said = { table: "workspaces", key: "id", column: ["workspace_id"], demo: "ws1" };
  expect(JSON.parse((await init(["--json"])).stdout).tenant).toEqual(said);
  const { tenant } = JSON.parse((await init(["--json", "--tenant", "projects"])).stdout);
  expect(tenant).toEqual({ table: "projects", key: "id", column: "project_id" });
  const wrong = await init(["--json", "--tenant", "editor"]);
  expect(wrong.status).toBe(4);
  expect(JSON.parse(wrong.stdout).error).toMatchObject({
    reason: "NO_TENANT_TABLE",
    candidates: expect.arrayContaining([
      { table: "organizations", column: "organization_id", tables: expect.any(Number) },
    ]),
  });
  expect(await stage.run(["db", "refresh-staging", "--plan", "--tenant", "x"])).toMatchObject({
    status: 2,
  });
});

test("--explain: which rule decides, why, and what is not there", async () => {
  stage.project.write(
    "ds.config.ts",
    config(`  refresh: { from: { variable: "PRODUCTION_DATABASE_URL", marker: { query: "select 1", value: "1" } },
      tenant: { table: "organizations", column: "organization_id", demo: "org_a" }, else: "shared",
      columns: { "*.*_code, patients.comment": { mask: "token" }, "patients.pin_code": { mask: "text", unique: false } } },\n`),
  );
  const explain = async (...args: string[]) =>
    stage.run(["db", "refresh-staging", "--explain", ...args], {
      PRODUCTION_DATABASE_URL: stage.production,
    });
  expect(JSON.parse((await explain("patients.pin_code", "--json")).stdout)).toMatchObject({
    kind: "column",
    mask: "mask.text()",
    rule: "patients.pin_code",
    passedOver: [{ rule: "*.*_code", because: "LESS_EXACT" }],
    proposed: { by: "NAME" },
    table: { class: "direct", by: "path" },
  });
  const { stdout } = await explain("blobs");
  expect(stdout).toContain("shared, by `else`");
  const wrong = await explain("patients.pincode", "--json");
  expect(wrong.status).toBe(4);
  expect(JSON.parse(wrong.stdout).error).toMatchObject({
    reason: "NO_SUCH_COLUMN",
    similar: ["patients.pin_code"],
  });
  expect(await explain("blobs", "--plan")).toMatchObject({ status: 2 });
});
