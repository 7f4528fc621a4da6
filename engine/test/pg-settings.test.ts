import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sql, TestProject } from "./support/branches.ts";
import { openTestEngine, type TestEngine } from "./support/test-engine.ts";

/** Settings that clients choose: what Postgres would not start with is refused before it is kept. */

let engine: TestEngine;
let project: TestProject;

beforeAll(async () => {
  engine = await openTestEngine();
  project = await TestProject.create(engine);
});

afterAll(() => engine?.close());

const change = (status: number, pg_settings: Record<string, string>) =>
  project.call<{ code: string; message: string }>(
    status,
    "PATCH",
    `/endpoints/${project.main.endpointId}`,
    {
      endpoint: { settings: { pg_settings } },
    },
  );

/** The branch as the catalog has it, but for its size, which is looked up now and then. */
async function stored(): Promise<string> {
  const file = join(engine.home, "catalog", project.id, `${project.main.id}.json`);
  return readFile(file, "utf8").then((text) =>
    JSON.stringify(JSON.parse(text), (key, value) => (key === "logicalSize" ? undefined : value)),
  );
}

test.each([
  ["a value of another kind", { work_mem: "abc" }, /invalid value for parameter "work_mem"/],
  ["an unknown name", { nonsense: "1" }, /unrecognized configuration parameter "nonsense"/],
  ["more memory than there is", { shared_buffers: "9000TB" }, /shared_buffers|shared memory/],
  [
    "what contradicts each other",
    { max_connections: "5", superuser_reserved_connections: "9" },
    /superuser_reserved_connections.* must be less than/,
  ],
  ["a library that is not there", { shared_preload_libraries: "no_such" }, /"no_such"/],
  ["one for sessions", { session_preload_libraries: "no_such" }, /"no_such"/],
])("%s is refused in Postgres' words and changes nothing", async (_, settings, words) => {
  const before = await stored();
  expect(await change(400, settings as Record<string, string>)).toMatchObject({
    code: "PG_SETTINGS_REFUSED",
    message: expect.stringMatching(words),
  });
  expect(await stored()).toBe(before);
});

test.each([
  ["the engine's own, however written", { WAL_Level: "minimal" }],
  ["a command to run", { archive_command: "true" }],
])("%s is refused before Postgres is asked, and changes nothing", async (_, settings) => {
  const before = await stored();
  const [name = ""] = Object.keys(settings);
  expect(await change(400, settings as Record<string, string>)).toMatchObject({
    code: "BODY_INVALID",
    message: expect.stringContaining(name),
  });
  expect(await stored()).toBe(before);
});

test("the same goes for a new branch's endpoint, a project's default and a new project", async () => {
  const pg_settings = { work_mem: "abc" };
  const branches = (await project.list()).length;
  await project.call(400, "POST", "/branches", {
    endpoints: [{ type: "read_write", settings: { pg_settings } }],
  });
  const defaults = { project: { default_endpoint_settings: { pg_settings } } };
  await project.call(400, "PATCH", "", defaults);
  await engine.call(400, "POST", "/projects", defaults);
  expect((await project.list()).length).toBe(branches);
});

test("what is good for queries does not keep the engine from its own work", async () => {
  const hostile = { statement_timeout: "1", default_transaction_read_only: "on" };
  await change(200, hostile);
  await project.call(201, "POST", `/branches/${project.main.id}/roles`, { role: { name: "r" } });
  await change(200, { work_mem: "5MB", "my.thing": "x y'z" });
  expect(await sql(project.main.uri, "select current_setting('my.thing') as thing")).toEqual([
    { thing: "x y'z" },
  ]);
});

test("an owner's functions are not run by the engine's superuser", async () => {
  await sql(
    project.main.uri,
    `create function public.pg_get_userbyid(oid) returns name language sql
       as $$ select 'cloud_admin'::name $$;
     alter database neondb set search_path = public, pg_catalog;
     create table kept (id int); create role leaver login; grant leaver to current_user;
     grant create on schema public to leaver`,
  );
  await sql(project.main.uri, "alter table kept owner to leaver");
  await project.call(200, "DELETE", `/branches/${project.main.id}/roles/leaver`);
  expect(
    await sql(project.main.uri, "select tableowner from pg_tables where tablename = 'kept'"),
  ).toEqual([{ tableowner: "neondb_owner" }]);
});
