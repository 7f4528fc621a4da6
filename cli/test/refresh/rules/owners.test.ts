import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mask } from "../../../src/config/define/masks.ts";
import type { RefreshConfig, TableRule } from "../../../src/config/define/refresh.ts";
import { type PostgresServer, startPostgres } from "../../helpers/postgres-server.ts";
import { TwoDatabases } from "./copy-rules.ts";

// Rows that belong by one of several references, by none, or by two that disagree.

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server?.stop());

const schema = `
create table organizations (id text primary key);
create table projects (id text primary key, organization_id text references organizations);
create table keys (id text primary key, organization_id text references organizations, project_id text references projects);
create table cards (id text primary key, project_id text not null references projects);
create table notes (id text primary key, organization_id text not null references organizations, card_id text references cards);
`;
const data = `
insert into organizations values ('a'), ('b');
insert into projects values ('p_a', 'a'), ('p_b', 'b'), ('p_free', null), ('p_unused', null);
insert into keys values ('org', 'a', null), ('project', null, 'p_a'), ('both', 'a', 'p_a'), ('none', null, null),
  ('other org', 'b', null), ('other project', null, 'p_b'), ('free project', null, 'p_free'), ('b in free', 'b', 'p_free');
insert into cards values ('c_a', 'p_a'), ('c_b', 'p_b'), ('c_free', 'p_free'), ('c_unused', 'p_unused');
insert into notes values ('n1', 'a', 'c_a'), ('n3', 'b', 'c_b');
`;

const rules = (tables: Record<string, TableRule>, more: Partial<RefreshConfig> = {}) => ({
  from: "prod",
  tenant: { table: "organizations", column: "organization_id", demo: "a" },
  tables: {
    keys: { via: ["organization_id", "project_id"], nullTenant: "skip" as const },
    ...tables,
  },
  ...more,
});

const ids = async (two: TwoDatabases, table: string) =>
  (await two.here((client) => client.query(`select id from ${table} order by id`))).rows.map(
    ({ id }) => id,
  );

const refusal = (two: TwoDatabases, with_: RefreshConfig) =>
  two.copy(with_).then(
    () => undefined,
    ({ reason, details }) => ({ reason, ...details }),
  );

describe("one or the other", () => {
  test.each<["skip" | "shared" | "all", string[], string[]]>([
    ["skip", ["both", "org", "project"], ["p_a"]],
    ["shared", ["both", "org", "project"], ["p_a"]],
    ["all", ["both", "free project", "org", "project"], ["p_a", "p_free", "p_unused"]],
  ])("projects without an organization: %s", async (nullTenant, keys, projects) => {
    const two = await TwoDatabases.make(server, schema, data);
    await two.copy(rules({ projects: { nullTenant } }));
    expect(await ids(two, "keys")).toEqual(keys);
    expect(await ids(two, "projects")).toEqual(projects);
  });

  test("rows with neither, where the rule takes them", async () => {
    const two = await TwoDatabases.make(server, schema, data);
    const keys: TableRule = { via: ["project_id", "organization_id"], nullTenant: "all" };
    await two.copy(rules({ projects: { nullTenant: "skip" }, keys }));
    expect(await ids(two, "keys")).toEqual(["both", "none", "org", "project"]);
  });

  test.each([
    ["with a foreign key", schema],
    [
      "without",
      schema.replace(
        "create table keys (id text primary key, organization_id text references organizations,",
        "create table keys (id text primary key, organization_id text,",
      ),
    ],
  ])("that disagree, %s: told, or as crossTenant says", async (_, made) => {
    const torn = `${data}\ninsert into keys values ('torn', 'b', 'p_a');`;
    const two = await TwoDatabases.make(server, made, torn);
    const projects = { projects: { nullTenant: "skip" as const } };
    expect(await refusal(two, rules(projects))).toMatchObject({
      reason: "CROSS_TENANT_REFERENCE",
      table: "keys",
      parent: "organizations",
      owner: "another",
      rows: [],
      crossings: expect.arrayContaining([expect.objectContaining({ rows: 1 })]),
    });
    const again = await TwoDatabases.make(server, made, torn);
    const crossTenant = { "keys.organization_id": "null" as const };
    const { emptied } = await again.copy(rules(projects, { crossTenant }));
    expect(emptied).toMatchObject([{ rows: 1 }]);
    expect(await ids(again, "keys")).toEqual(["both", "org", "project", "torn"]);
    expect(await ids(again, "organizations")).toEqual(["a"]);
  });
});

describe("rows under a parent without an owner", () => {
  const used = `${data}\ninsert into notes values ('n2', 'a', 'c_free');`;

  test("come where others refer to them, if the parent's do", async () => {
    const two = await TwoDatabases.make(server, schema, used);
    await two.copy(rules({ projects: { nullTenant: "shared" } }));
    expect(await ids(two, "cards")).toEqual(["c_a", "c_free"]);
    expect(await ids(two, "projects")).toEqual(["p_a", "p_free"]);
    expect(await ids(two, "notes")).toEqual(["n1", "n2"]);
  });

  test("belong to nobody, and to no other organization, where the parent's are left out", async () => {
    const two = await TwoDatabases.make(server, schema, used);
    expect(await refusal(two, rules({ projects: { nullTenant: "skip" } }))).toMatchObject({
      reason: "CROSS_TENANT_REFERENCE",
      table: "notes",
      owner: "nobody",
      rows: [],
      crossings: expect.arrayContaining([expect.objectContaining({ rows: 1 })]),
    });
  });
});

test("rows whose ways are named wrongly are not copied by the others alone", async () => {
  const two = await TwoDatabases.make(server, schema, data);
  const via = ["project_id", "id", "project"];
  const { problems } = await two.plan(
    rules({ projects: { nullTenant: "skip" }, keys: { via, nullTenant: "skip" } }),
  );
  expect(problems.map(({ subject, reason }) => ({ subject, ...reason }))).toEqual([
    { subject: "tables: keys", code: "VIA_IS_NO_REFERENCE", via: "id", table: "keys" },
    { subject: "tables: keys", code: "VIA_IS_NO_REFERENCE", via: "project", table: "keys" },
  ]);
});

describe("references that no foreign key holds", () => {
  const soft = `
    create table organizations (id text primary key);
    create table projects (id uuid primary key, organization_id text not null references organizations);
    create table logs (id int primary key, organization_id text not null references organizations, project_id text);`;
  const uuid = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;
  const rows = (more = "") => `
    insert into organizations values ('a'), ('b');
    insert into projects values ('${uuid(1)}', 'a'), ('${uuid(2)}', 'b');
    insert into logs values (1, 'a', '${uuid(1)}'), (2, 'a', '${uuid(7)}'), (3, 'a', 'deleted'), (4, 'a', null) ${more};`;
  const declared: RefreshConfig = {
    from: "prod",
    tenant: { table: "organizations", column: "organization_id", demo: "a" },
    references: { "logs.project_id": { to: "projects.id" } },
    columns: { "logs.project_id": mask.keep() },
  };

  test("what production does not have itself stays as it is, also what cannot be a key", async () => {
    const two = await TwoDatabases.make(server, soft, rows());
    expect((await two.copy(declared)).emptied).toEqual([]);
    expect(
      (await two.here((client) => client.query("select project_id from logs order by id"))).rows,
    ).toEqual([uuid(1), uuid(7), "deleted", null].map((project_id) => ({ project_id })));
  });

  test("another organization's row is told, or emptied alone", async () => {
    const torn = rows(`, (5, 'a', '${uuid(2)}')`);
    const two = await TwoDatabases.make(server, soft, torn);
    expect(await refusal(two, declared)).toMatchObject({
      reason: "CROSS_TENANT_REFERENCE",
      owner: "another",
      rows: [],
      crossings: expect.arrayContaining([expect.objectContaining({ rows: 1 })]),
    });
    const again = await TwoDatabases.make(server, soft, torn);
    const { emptied } = await again.copy({ ...declared, crossTenant: "null" });
    expect(emptied).toEqual([{ reference: "logs.project_id", rows: 1 }]);
    expect(await ids(again, "logs where project_id is null")).toEqual([4, 5]);
  });
});
