import type { Client } from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { completeConfig } from "../../src/config/project-config.ts";
import { connectPostgres, withPostgres } from "../../src/postgres/io/connect.ts";
import { copyData } from "../../src/refresh/copy/io/copy-data.ts";
import { makePlan } from "../../src/refresh/plan/io/make-plan.ts";
import { type PostgresServer, startPostgres } from "../helpers/postgres-server.ts";
import { silentPhases } from "../helpers/refresh/plan.ts";

// Tables that keep main's rows: a ledger, which needs no rule, and what migrations fill.

const schema = `
create table schema_migrations (version text primary key);
insert into schema_migrations values ('1'), ('2');
create table organizations (id int primary key);
create table roles (id serial primary key, title text not null unique);
insert into roles (title) values ('owner'), ('guest');
create table role_permissions (role_id int not null references roles, permission text not null, added_by int references organizations,
  primary key (role_id, permission));
create index on role_permissions (permission);
insert into role_permissions values (1, 'all', null), (2, 'read', null);
create function never() returns trigger language plpgsql as $$ begin raise 'not to be fired'; end $$;
create trigger stays before delete or update on roles for each statement execute function never();
create table members (id serial primary key, organization_id int not null references organizations, role_id int references roles);
`;
const production = `
update schema_migrations set version = version || '-production';
insert into organizations values (1), (2);
insert into members (organization_id, role_id) values (1, 1), (1, 2), (2, 1), (1, null);
`;

let server: PostgresServer;
let count = 0;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server?.stop());

async function database(sql: string): Promise<string> {
  count += 1;
  const name = `keep_${count}`;
  await withPostgres(server.adminUrl(), { what: "the server" }, (client) =>
    client.query(`create database ${name}`),
  );
  await withPostgres(server.adminUrl(name), { what: name }, (client) => client.query(sql));
  return server.adminUrl(name);
}

const open = (url: string) => connectPostgres(url, { what: "a database" });

async function copied(of: { source?: string; main?: string; rules?: object }) {
  const source = await database(`${schema}${production}${of.source ?? ""}`);
  const main = await database(`${schema}${of.main ?? ""}`);
  const { refresh: rules } = completeConfig(
    {
      project: "p",
      refresh: {
        from: "prod",
        tenant: { table: "organizations", column: "organization_id", demo: "1" },
        tables: { roles: "keep", role_permissions: "keep" },
        ...of.rules,
      },
    },
    "/",
    undefined,
  );
  if (!rules) throw new Error("no rules");
  return withPostgres(source, { what: "production" }, (from) =>
    withPostgres(main, { what: "main" }, async (to) => {
      const { plan, problems, remarks } = await makePlan(from, to, { rules, without: ["drizzle"] });
      expect(problems).toEqual([]);
      const database = (url: string) => ({ connect: () => open(url) });
      const report = await copyData(
        {
          plan,
          source: database(source),
          target: database(main),
          values: { tenant: "1", maskKey: "a key for the masks of a test" },
          streams: 2,
        },
        silentPhases,
        new AbortController().signal,
      );
      return { report, remarks, rows: await rowsOf(to) };
    }),
  );
}

async function rowsOf(client: Client): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {};
  for (const table of ["schema_migrations", "roles", "role_permissions", "members"]) {
    const { rows } = await client.query(`select t::text as line from ${table} t order by 1`);
    found[table] = rows.map(({ line }) => line);
  }
  return found;
}

test("main's rows stay, and production's refer to them; sequences go on behind them", async () => {
  const { report, rows } = await copied({
    main: "insert into roles (title) values ('of main alone')",
  });
  expect(rows).toEqual({
    schema_migrations: ["(1)", "(2)"],
    roles: ["(1,owner)", "(2,guest)", `(3,"of main alone")`],
    role_permissions: ["(1,all,)", "(2,read,)"],
    members: ["(1,1,1)", "(2,1,2)", "(4,1,)"],
  });
  expect(report.kept).toEqual([
    { table: "role_permissions", rows: 2 },
    { table: "roles", rows: 3 },
    { table: "schema_migrations", rows: 2 },
  ]);
  expect(report.tables.map(({ table }) => table)).toEqual(["organizations", "members"]);
});

const refusal = (constraint: string, key: string[]) => ({
  reason: "CROSS_TENANT_REFERENCE",
  details: expect.objectContaining({
    constraint,
    rows: [expect.objectContaining({ refers: key })],
  }),
});

test("a row of production that refers to what main does not have stops it", async () => {
  const source = "insert into roles values (9, 'new'); update members set role_id = 9 where id = 2";
  await expect(copied({ source })).rejects.toMatchObject(refusal("members_role_id_fkey", ["9"]));
});

test("or is emptied, where the rules say so", async () => {
  const source = "insert into roles values (9, 'new'); update members set role_id = 9 where id = 2";
  const { rows } = await copied({ source, rules: { crossTenant: { "members.role_id": "null" } } });
  expect(rows.members).toEqual(["(1,1,1)", "(2,1,)", "(4,1,)"]);
});

test("a kept row that refers to what does not arrive stops it", async () => {
  const main =
    "insert into organizations values (2); update role_permissions set added_by = 2 where role_id = 1";
  await expect(copied({ main })).rejects.toMatchObject(
    refusal("role_permissions_added_by_fkey", ["2"]),
  );
});

test("a pattern does not empty a ledger, its name does", async () => {
  const { rows } = await copied({
    rules: { tables: { "schema_*": "skip", roles: "keep", role_permissions: "keep" } },
  });
  expect(rows.schema_migrations).toEqual(["(1)", "(2)"]);
  const named = await copied({
    rules: { tables: { schema_migrations: "skip", roles: "keep", role_permissions: "keep" } },
  });
  expect(named.rows.schema_migrations).toEqual([]);
});

describe("a table that production does not have", () => {
  const tables = { roles: "keep", role_permissions: "keep" };
  const flags = (more = "") =>
    `create table flags (id int primary key, organization_id int references organizations);
     insert into flags (id) values (1); create table other (id int); ${more}`;

  test("keeps main's rows, with a rule or without, and the plan says so", async () => {
    const { report, remarks } = await copied({ main: flags() });
    expect(report.kept).toEqual(
      expect.arrayContaining([
        { table: "flags", rows: 1 },
        { table: "other", rows: 0 },
      ]),
    );
    expect(remarks).toEqual([{ table: "flags", code: "ONLY_ON_MAIN", rows: 1 }]);
    const said = await copied({ main: flags(), rules: { tables: { ...tables, flags: "keep" } } });
    expect(said.report.kept).toContainEqual({ table: "flags", rows: 1 });
    expect(said.remarks).toEqual([]);
  });

  test("is emptied by a rule", async () => {
    const { report, remarks } = await copied({
      main: flags(),
      rules: { tables: { ...tables, "fl*": "skip" } },
    });
    expect(report.tables).toContainEqual(expect.objectContaining({ table: "flags", rows: 0 }));
    expect(remarks).toEqual([]);
  });

  test("stops it where its rows refer to what goes", async () => {
    const main = flags(
      "insert into organizations values (2); update flags set organization_id = 2",
    );
    await expect(copied({ main })).rejects.toMatchObject({
      reason: "CONSTRAINT_VIOLATED",
      hint: expect.stringMatching(/flags keeps main's rows/),
    });
  });
});
