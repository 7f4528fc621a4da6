import { chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { processesMentioning } from "../../../scripts/processes.mjs";
import { sql, TestProject, uriWith } from "../support/branches.ts";
import { makeFolder } from "../support/folder.ts";
import { openTestEngine, type TestEngine } from "../support/test-engine.ts";

/** What an engine keeps to itself, and what the owner of a branch may not do. */

const isRoot = process.getuid?.() === 0;
let home: string;
let engine: TestEngine;
let project: TestProject;
let uri: string;

beforeAll(async () => {
  home = makeFolder();
  engine = await openTestEngine({ home });
  project = await TestProject.create(engine);
  uri = project.main.uri;
});

afterAll(async () => {
  await engine?.stop();
  rmSync(home, { recursive: true });
});

const modeOf = (...path: string[]) => (statSync(join(home, ...path)).mode & 0o777).toString(8);

test("secrets are files for their owner alone, in directories that nobody else can list", () => {
  for (const file of ["api-key", "admin-password", "tls/server.key"])
    expect(modeOf(file)).toBe("600");
  // As root, Postgres is another user, who has to pass through, but not to look around.
  const passable = isRoot ? "711" : "700";
  expect(modeOf()).toBe(passable);
  expect(modeOf("data")).toBe(passable);
  for (const directory of ["catalog", "logs", "data/pgdata", "data/template", "data/trash"]) {
    expect(modeOf(directory), directory).toBe("700");
  }
  const files = readdirSync(join(home, "catalog"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name, parentPath }) => join(parentPath, name));
  expect(files.length).toBeGreaterThan(1);
  for (const file of files) expect((statSync(file).mode & 0o777).toString(8), file).toBe("600");
});

test.each([
  ["an empty key", "api-key", "", 0o600],
  ["a key that is cut off", "api-key", "ds_", 0o600],
  ["a key that others can read", "api-key", "ds_0123456789abcdef0123", 0o644],
  ["a damaged password of the superuser", "admin-password", " \n", 0o600],
])("the engine does not start with %s, and leaves it as it is", async (_, name, text, mode) => {
  const other = makeFolder();
  const file = join(other, name);
  writeFileSync(file, text);
  chmodSync(file, mode);
  await expect(openTestEngine({ home: other })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  expect(readFileSync(file, "utf8")).toBe(text);
  rmSync(other, { recursive: true });
});

test("no password and no key stands in a log or on a command line", async () => {
  const role = { role: { name: "app" } };
  const at = `/branches/${project.main.id}/roles`;
  const made = await project.call<{ role: { password: string } }>(201, "POST", at, role);
  await project.call(201, "POST", "/branches", { branch: { name: "more" } });
  const reset = await project.call<{ role: { password: string } }>(
    200,
    "POST",
    `${at}/app/reset_password`,
  );
  await expect(
    sql(uriWith(uri, { password: "npg_wrongwrongwrong" }), "select 1"),
  ).rejects.toMatchObject({ code: "28P01" });
  const secrets = [
    readFileSync(join(home, "api-key"), "utf8").trim(),
    readFileSync(join(home, "admin-password"), "utf8").trim(),
    new URL(uri).password,
    made.role.password,
    reset.role.password,
  ];
  for (const secret of secrets) expect(secret.length).toBeGreaterThan(15);
  const logs = readdirSync(join(home, "logs")).map((name) =>
    readFileSync(join(home, "logs", name), "utf8"),
  );
  expect(logs.join("")).toContain("password authentication failed");
  const commands = processesMentioning(home).map(({ command }) => command);
  expect(commands.length).toBeGreaterThan(0);
  const seen = [...logs, ...commands, ...engine.log].join("\n");
  for (const secret of secrets) expect(seen).not.toContain(secret);
});

test.each([
  ["run a program", "copy (select 1) to program 'true'"],
  ["read a file of the machine", "select pg_read_file('/etc/passwd')"],
  ["write a file", "copy (select 1) to '/tmp/never'"],
  ["change the server's settings", "alter system set work_mem = '1MB'"],
  ["make a superuser", "create role boss superuser"],
  ["make itself one", "alter role neondb_owner superuser"],
  ["act as the superuser", "set role cloud_admin"],
  ["join the superuser", "grant cloud_admin to neondb_owner"],
  ["change the superuser's password", "alter role cloud_admin password 'x'"],
  ["remove the superuser", "drop role cloud_admin"],
  ["write a system catalog", "update pg_authid set rolsuper = true"],
  ["load a library", "load '/tmp/x.so'"],
  ["write functions in C", "create function f() returns int language c as '/tmp/x', 'f'"],
  ["join who may run programs", "grant pg_execute_server_program to neondb_owner"],
  ["join who may read files", "grant pg_read_server_files to neondb_owner"],
  ["put tables elsewhere", "create tablespace elsewhere location '/tmp'"],
  ["install an untrusted language", "create extension plpython3u"],
])("the owner may not %s", async (_, text) => {
  await expect(sql(uri, text)).rejects.toMatchObject({
    code: expect.stringMatching(/^(42501|0LP01|2BP01|58P01|42P13|0A000)$/),
  });
  const [row] = await sql(uri, "select rolsuper from pg_roles where rolname = current_user");
  expect(row).toEqual({ rolsuper: false });
});

test("what an owner needs works: roles, schemas, trusted extensions, row security, publications", async () => {
  await sql(
    uri,
    `create role team; grant team to neondb_owner; create schema mine; create extension pg_trgm;
     create table mine.rows (n int); alter table mine.rows enable row level security;
     create publication everything for table mine.rows;`,
  );
});

test.each([
  ...["autoinc", "bloom", "earthdistance", "insert_username", "intagg", "moddatetime"],
  ...["dblink", "pg_prewarm", "pg_stat_statements", "pgrowlocks", "pgstattuple", "postgres_fdw"],
  ...["refint", "xml2"],
  ...["btree_gist", "dict_int", "fuzzystrmatch", "isn", "ltree", "tablefunc", "unaccent"],
])("the owner may create the extension %s, as on Neon", async (name) => {
  await sql(uri, `create extension ${name} cascade`);
  const [row] = await sql(
    uri,
    `select pg_get_userbyid(extowner) as owner from pg_extension where extname = '${name}'`,
  );
  expect(row).toEqual({ owner: "neondb_owner" });
});

test.each(["file_fdw", "pageinspect", "pg_surgery"])(
  "the owner may not create the extension %s",
  async (name) => {
    await expect(sql(uri, `create extension ${name}`)).rejects.toMatchObject({ code: "42501" });
  },
);

test("extensions that an owner has made are of use to it", async () => {
  const { port, password } = new URL(uri);
  const here = `host 'localhost', port '${port}', dbname 'neondb'`;
  await sql(
    uri,
    `create table counted (n int); insert into counted select generate_series(1, 3);
     create server here foreign data wrapper postgres_fdw options (${here});
     create user mapping for current_user server here options (user 'neondb_owner', password '${password}');
     create foreign table counted_there (n int) server here options (table_name 'counted')`,
  );
  expect(await sql(uri, "select sum(n)::int as n from counted_there")).toEqual([{ n: 6 }]);
  const query = "select n from dblink($1, 'select count(*) from counted') as t(n bigint)";
  const target = `host=localhost port=${port} dbname=neondb user=neondb_owner`;
  expect(await sql(uri, query, [`${target} password=${password}`])).toEqual([{ n: "3" }]);
  // Without one the server would log in as whatever the machine lets its user be.
  await expect(sql(uri, query, [target])).rejects.toMatchObject({ code: "2F003" });
  const seen = "select calls from pg_stat_statements where query like 'select sum(n)%'";
  expect(await sql(uri, seen)).toEqual([{ calls: "1" }]);
  expect(await sql(uri, "select pg_prewarm('counted') as blocks")).toEqual([{ blocks: "1" }]);
});

test("only extensions that can be loaded are offered", async () => {
  const languages = await sql(
    uri,
    "select name from pg_available_extensions where name ~ '(plperl|plpython|pltcl)'",
  );
  expect(languages).toEqual([]);
});

test("a trusted extension works, and no function of the schema that it is put into runs as the superuser", async () => {
  const trap = (name: string, type: string) => `
    create function traps.${name}(${type}) returns float8 language plpgsql immutable as $$
    begin
      begin execute 'alter role neondb_owner superuser'; exception when others then null; end;
      return 0;
    end $$`;
  const traps = [
    "abs",
    "sin",
    "cos",
    "asin",
    "atan2",
    "radians",
    "degrees",
    "cube_dim",
    "cube_distance",
  ];
  await sql(
    uri,
    `drop extension earthdistance; create schema traps;
     ${traps.map((name) => trap(name, name.startsWith("cube_") ? "public.cube" : "float8")).join(";")};
     create function traps.div(float8, float8) returns float8 language sql as 'select traps.abs($1)';
     create operator traps./ (leftarg = float8, rightarg = float8, function = traps.div);
     create extension earthdistance schema traps;`,
  );
  const [row] = await sql(
    uri,
    `select round((traps.earth_distance(traps.ll_to_earth(52.52, 13.4), traps.ll_to_earth(48.85, 2.35)) / 1000)::numeric)::int as km,
       (select rolsuper from pg_roles where rolname = 'neondb_owner') as super`,
  );
  expect(row).toEqual({ km: 879, super: false });
});

test("a role made over the API may do what the owner may, and is no superuser either", async () => {
  const at = `/branches/${project.main.id}/roles`;
  const { role } = await project.call<{ role: { password: string } }>(201, "POST", at, {
    role: { name: "second" },
  });
  const second = uriWith(uri, { user: "second", password: role.password });
  expect(await sql(second, "select count(*)::int as n from mine.rows")).toEqual([{ n: 0 }]);
  await expect(sql(second, "copy (select 1) to program 'true'")).rejects.toMatchObject({
    code: "42501",
  });
});

test("settings of an endpoint cannot move Postgres out of the engine's hands", async () => {
  const other = await project.branch("settings");
  const set = (status: number, settings: Record<string, string>) =>
    project.call<{ code: string; message: string }>(
      status,
      "PATCH",
      `/endpoints/${other.endpointId}`,
      {
        endpoint: { settings: { pg_settings: settings } },
      },
    );
  expect(await set(400, { listen_addresses: "*" })).toMatchObject({
    code: "BODY_INVALID",
    message: expect.stringContaining("listen_addresses"),
  });
  await set(200, { work_mem: "7MB" });
  const [row] = await sql(
    other.uri,
    "select current_setting('listen_addresses') as listen, current_setting('work_mem') as memory, current_setting('neon.branch_id') as branch",
  );
  expect(row).toEqual({ listen: "127.0.0.1", memory: "7MB", branch: other.id });
});
