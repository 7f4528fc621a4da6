// More than 300 lines: its cases share one sample schema on one server.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asAdmin } from "../src/postgres/io/admin.ts";
import { openTestEngine, type TestEngine } from "./support/test-engine.ts";

interface Created {
  project: { id: string };
  branch: { id: string; parent_id?: string; init_source?: string };
  uri: string;
}

let engine: TestEngine;
let projectId: string;
let main: Created;
let feature: Created;
let sample: string;

const branchPath = (id: string, rest: string) => `/projects/${projectId}/branches/${id}/${rest}`;

async function sql<Row extends pg.QueryResultRow>(uri: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: uri });
  client.on("error", () => {});
  await client.connect();
  try {
    const result = await client.query<Row>(text);
    return result.rows;
  } finally {
    await client.end();
  }
}

async function schemaOf(branchId: string, database = "neondb"): Promise<string> {
  const path = branchPath(branchId, `schema?db_name=${encodeURIComponent(database)}`);
  return (await engine.call<{ sql: string }>(200, "GET", path)).sql;
}

/** A new branch, or the project's first, with the URI of its first database. */
async function created(path: string, body: object): Promise<Created> {
  const answer = await engine.call<Created>(201, "POST", path, body);
  const project = answer.project?.id ?? projectId;
  const query = `branch_id=${answer.branch.id}&database_name=neondb&role_name=neondb_owner`;
  const { uri } = await engine.call<{ uri: string }>(
    200,
    "GET",
    `/projects/${project}/connection_uri?${query}`,
  );
  return { ...answer, uri };
}

const branchFrom = (parentId: string, fields: object = {}) =>
  created(`/projects/${projectId}/branches`, {
    branch: { parent_id: parentId, ...fields },
    endpoints: [{ type: "read_write" }],
  });

/** Waits until pg_dump stands in line for a table; `client` may look, having locked it. */
async function untilDumping(client: pg.Client): Promise<void> {
  const waiting =
    "select count(*)::int as n from pg_locks where not granted and relation = 'users'::regclass";
  await expect.poll(async () => (await client.query(waiting)).rows[0].n).toBe(1);
}

/** As nobody but the engine can: with the password in its home, past the proxy that clients use. */
async function asSuperuser<T>(uri: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const [{ inet_server_port: port }] = (await sql(uri, "select inet_server_port()")) as [
    { inet_server_port: number },
  ];
  const password = (await readFile(join(engine.home, "admin-password"), "utf8")).trim();
  return asAdmin({ port, password }, "postgres", work);
}

async function restart(branchId: string): Promise<void> {
  const path = branchPath(branchId, "endpoints");
  const { endpoints } = await engine.call<{ endpoints: [{ id: string }] }>(200, "GET", path);
  const endpoint = `/projects/${projectId}/endpoints/${endpoints[0].id}`;
  await engine.call(200, "POST", `${endpoint}/restart`);
}

beforeAll(async () => {
  engine = await openTestEngine();
  main = await created("/projects", { project: { name: "schemas" } });
  projectId = main.project.id;
  sample = await readFile(new URL("./schema-sample.sql", import.meta.url), "utf8");
  await sql(main.uri, "create role reader nologin");
  await sql(main.uri, sample);
  feature = await branchFrom(main.branch.id, { name: "feature" });
});

afterAll(() => engine?.close());

test("a schema is what pg_dump prints, without what is random", async () => {
  const text = await schemaOf(main.branch.id);
  expect(text).toMatch(
    /^--\n-- PostgreSQL database dump\n--\n\n-- Dumped from database version 18/,
  );
  expect(text).toMatch(/\n-- PostgreSQL database dump complete\n--\n\n$/);
  expect(text).not.toMatch(/^\\/m);
  expect(text).toContain("ALTER TABLE public.users OWNER TO neondb_owner;");
  expect(text).toContain("GRANT SELECT ON TABLE public.users TO reader;");
  expect(text).toContain('"Größe & Maß"');
  expect(text).toContain("'it''s done'");
  expect(await schemaOf(main.branch.id)).toBe(text);
  expect(await schemaOf(feature.branch.id)).toBe(text);
});

test("compare_schema gives exactly the line that was added, parent as the base", async () => {
  const changed = await branchFrom(main.branch.id);
  await sql(changed.uri, "alter table users add column nickname text");
  const path = branchPath(changed.branch.id, "compare_schema?db_name=neondb");
  const { diff } = await engine.call<{ diff: string }>(200, "GET", path);
  const lines = diff.split("\n");
  expect(lines.slice(0, 2)).toEqual(["--- a/neondb", "+++ b/neondb"]);
  expect(lines[2]).toMatch(/^@@ -\d+,\d+ \+\d+,\d+ @@$/);
  const changes = lines.slice(2).filter((line) => /^[+-]/.test(line));
  expect(changes).toEqual(["+    nickname text,"]);

  const against = (id: string) =>
    engine.call(200, "GET", `${path}&base_branch_id=${id}`) as Promise<{ diff: string }>;
  expect(await against(changed.branch.id)).toEqual({ diff: "" });
  expect((await against(feature.branch.id)).diff).toBe(diff);
});

test("a branch that sleeps wakes to be read; without an endpoint too", async () => {
  const { branch } = await engine.call<Created>(201, "POST", `/projects/${projectId}/branches`, {
    branch: { parent_id: feature.branch.id },
  });
  expect(await schemaOf(branch.id)).toBe(await schemaOf(feature.branch.id));
});

test("format=json tells tables, columns and keys", async () => {
  const path = branchPath(main.branch.id, "schema?db_name=neondb&format=json");
  const { json } = await engine.call<{ json: { tables: { name: string }[] } }>(200, "GET", path);
  expect(json.tables.map(({ name }) => name)).toEqual([
    "invoices",
    "invoices_2026",
    "invoices_rest",
    "Größe & Maß",
    "users",
  ]);
  expect(json.tables.find(({ name }) => name === "Größe & Maß")).toEqual({
    schema: "public",
    name: "Größe & Maß",
    columns: [
      { name: "Straße", type: "text", nullable: true, generated: false },
      { name: "日本語", type: "integer", nullable: true, generated: false },
      { name: "n", type: "integer", nullable: false, generated: false },
    ],
    constraints: [
      {
        type: "foreign_key",
        name: "Größe & Maß_日本語_fkey",
        columns: ["日本語"],
        referenced_table: { schema: "public", table: "users", columns: ["id"] },
      },
    ],
  });
});

test("passwords in a schema are not told, and a schema-only branch has them all the same", async () => {
  const source = await branchFrom(main.branch.id);
  await sql(
    source.uri,
    `create extension postgres_fdw;
     create server elsewhere foreign data wrapper postgres_fdw options (host '127.0.0.1');
     create user mapping for neondb_owner server elsewhere options (password 'se;''cret', user 'me')`,
  );
  expect(await schemaOf(source.branch.id)).toContain("password '***'");
  const compared = `compare_schema?db_name=neondb&base_branch_id=${main.branch.id}`;
  const path = branchPath(source.branch.id, compared);
  const { diff } = await engine.call<{ diff: string }>(200, "GET", path);
  expect(diff).toContain("+    password '***'");
  expect(engine.answers.some(({ body }) => body.includes("cret"))).toBe(false);

  const copy = await branchFrom(source.branch.id, { init_source: "schema-only" });
  const mappings = "select umoptions::text as options from pg_user_mappings";
  expect(await sql(copy.uri, mappings)).toEqual(await sql(source.uri, mappings));
  expect(await sql(copy.uri, mappings)).toEqual([{ options: "{password=se;'cret,user=me}" }]);
  for (const { branch } of [copy, source]) {
    await engine.call(200, "DELETE", `/projects/${projectId}/branches/${branch.id}`);
  }
});

test("what cannot be read is refused, and says why", async () => {
  const path = branchPath(main.branch.id, "schema");
  const refused = (status: number, rest: string) =>
    engine.call<{ code: string }>(status, "GET", `${path}${rest}`);
  expect((await refused(404, "?db_name=nope")).code).toBe("DATABASE_NOT_FOUND");
  await refused(404, `?db_name=${"x".repeat(300)}`);
  await refused(400, "");
  await refused(400, "?db_name=neondb&format=xml");
  await refused(400, "?db_name=neondb&lsn=x");
  expect((await refused(422, "?db_name=neondb&lsn=0/1E88838")).code).toBe(
    "PAST_SCHEMA_UNSUPPORTED",
  );
  await refused(422, "?db_name=neondb&timestamp=2026-01-01T00:00:00Z");
  await engine.call(404, "GET", branchPath("br-no-such-12345678", "schema?db_name=neondb"));
  const comparison = branchPath(main.branch.id, "compare_schema?db_name=neondb");
  expect(await engine.call(422, "GET", comparison)).toMatchObject({ code: "BASE_BRANCH_REQUIRED" });
  await engine.call(404, "GET", `${comparison}&base_branch_id=br-no-such-12345678`);
});

test("a locked table is told within seconds, and readable again afterwards", async () => {
  const client = new pg.Client({ connectionString: feature.uri });
  client.on("error", () => {});
  await client.connect();
  await client.query("begin; lock table users in access exclusive mode");
  const path = branchPath(feature.branch.id, "schema?db_name=neondb");
  const { code } = await engine.call<{ code: string }>(423, "GET", path);
  expect(code).toBe("TABLE_LOCKED");
  await client.end();
  expect(await schemaOf(feature.branch.id)).toContain("CREATE TABLE public.users");
});

test("a server that goes away in the middle is told at once, and the next dump works", async () => {
  const branch = await branchFrom(main.branch.id);
  const locker = new pg.Client({ connectionString: branch.uri });
  locker.on("error", () => {});
  await locker.connect();
  await locker.query("begin; lock table users in access exclusive mode");
  const reading = engine.send("GET", branchPath(branch.branch.id, "schema?db_name=neondb"));
  await untilDumping(locker);
  await asSuperuser(branch.uri, (client) =>
    client.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ds pg_dump'",
    ),
  );
  const answer = await reading;
  expect(answer.status).toBe(503);
  expect(await answer.json()).toMatchObject({ code: "COMPUTE_STOPPED" });
  await locker.end();
  expect(await schemaOf(branch.branch.id)).toContain("CREATE TABLE public.users");
});

test("a dump holds no branch up: writes go on, and a restart waits for it", async () => {
  const branch = await branchFrom(main.branch.id);
  const [text] = await Promise.all([
    schemaOf(branch.branch.id),
    sql(branch.uri, "insert into users (email) values ('a@b')"),
    restart(branch.branch.id),
  ]);
  expect(text).toContain("CREATE TABLE public.users");
  expect(await sql(branch.uri, "select count(*)::int from users")).toEqual([{ count: 1 }]);
});

test("many at once, of a database with a thousand tables", async () => {
  await sql(feature.uri, "create database many owner neondb_owner");
  const uri = feature.uri.replace(/neondb$/, "many");
  const tables = "format('create table t%s (id int primary key, v text default ''x'')', n)";
  await sql(uri, `do $$ begin for n in 1..1000 loop execute ${tables}; end loop; end $$`);
  const texts = await Promise.all([1, 2, 3, 4].map(() => schemaOf(feature.branch.id, "many")));
  for (const text of texts) expect(text.match(/^CREATE TABLE/gm)).toHaveLength(1000);
});

test("a schema-only branch: roles, databases and schemas, no row, no parent", async () => {
  const source = await branchFrom(main.branch.id);
  const uri = source.uri;
  await sql(uri, "insert into users (email) values ('a@b')");
  await sql(uri, "create extension pg_trgm; create extension citext");
  await sql(uri, "create role teller login password 'npg_teller' connection limit 3");
  await sql(uri, "grant reader to teller with admin option");
  await sql(uri, 'alter role teller set search_path to billing, "$user"');
  await sql(uri, 'create database "Second one"');
  await sql(uri, "alter database \"Second one\" set work_mem to '8MB'");
  await sql(uri, 'revoke connect on database "Second one" from public');
  const second = (of: string) => of.replace(/neondb$/, encodeURIComponent("Second one"));
  await sql(second(uri), "create table in_second (id int)");

  const copy = await branchFrom(source.branch.id, { init_source: "schema-only" });
  expect(copy.branch.init_source).toBe("schema-only");
  expect(copy.branch.parent_id).toBeUndefined();
  for (const database of ["neondb", "Second one"]) {
    expect(await schemaOf(copy.branch.id, database)).toBe(
      await schemaOf(source.branch.id, database),
    );
  }
  const to = copy.uri;
  expect(new URL(to).password).toBe(new URL(uri).password);
  expect(await sql(to, "select * from users")).toEqual([]);
  await sql(to, "insert into users (email) values ('c@d')");
  expect(await sql(to, "select id::int from users")).toEqual([{ id: 1 }]);
  expect(await sql(second(to), "show work_mem")).toEqual([{ work_mem: "8MB" }]);

  const globals = `select r.rolname, rolconnlimit, rolcanlogin, rolcreaterole, rolbypassrls, setconfig,
      (select json_agg(pg_get_userbyid(m.member) || admin_option || pg_get_userbyid(m.grantor) order by m.member::regrole::text)
       from pg_auth_members m where m.roleid = r.oid) as members
    from pg_roles r left join pg_db_role_setting s on setrole = r.oid order by rolname`;
  expect(await sql(to, globals)).toEqual(await sql(uri, globals));
  const teller = new URL(to);
  teller.username = "teller";
  teller.password = "npg_teller";
  expect(await sql(teller.href, "show search_path")).toEqual([{ search_path: 'billing, "$user"' }]);
  const acl = "select datacl::text from pg_database where datname like 'Second%'";
  expect(await sql(to, acl)).toEqual(await sql(uri, acl));

  await sql(to, "drop extension pg_trgm");

  // It is nobody's child: either can be deleted.
  await engine.call(200, "DELETE", `/projects/${projectId}/branches/${source.branch.id}`);
  expect(await sql(to, "select count(*)::int from users")).toEqual([{ count: 1 }]);
  await engine.call(200, "DELETE", `/projects/${projectId}/branches/${copy.branch.id}`);
});

test("a schema-only branch of a protected one has passwords of its own", async () => {
  const path = `/projects/${projectId}/branches/${main.branch.id}`;
  await engine.call(200, "PATCH", path, { branch: { protected: true } });
  const copy = await branchFrom(main.branch.id, { init_source: "schema-only" });
  await engine.call(200, "PATCH", path, { branch: { protected: false } });
  expect(new URL(copy.uri).password).not.toBe(new URL(main.uri).password);
  expect(await sql(copy.uri, "select count(*)::int from users")).toEqual([{ count: 0 }]);
});

test("a schema-only branch is refused where it cannot be made, and leaves nothing", async () => {
  const branches = () => engine.call(200, "GET", `/projects/${projectId}/branches/count`);
  const before = await branches();
  const create = (status: number, fields: object) =>
    engine.call<{ code: string }>(status, "POST", `/projects/${projectId}/branches`, {
      branch: { init_source: "schema-only", ...fields },
    });
  const past = { parent_timestamp: "2026-01-01T00:00:00Z" };
  expect((await create(422, past)).code).toBe("PAST_SCHEMA_UNSUPPORTED");
  await create(409, { name: "feature" });
  const locker = new pg.Client({ connectionString: main.uri });
  locker.on("error", () => {});
  await locker.connect();
  await locker.query("begin; lock table users in access exclusive mode");
  expect((await create(423, {})).code).toBe("TABLE_LOCKED");
  await locker.end();
  expect(await branches()).toEqual(before);
});
