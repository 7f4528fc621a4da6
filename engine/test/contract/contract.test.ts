// More than 300 lines: every route is called once, and the last test counts them.

import type {
  Branch,
  CurrentUserInfoResponse,
  Database,
  Endpoint,
  Operation,
  OrganizationMembersResponse,
  Project,
  Role,
} from "@neondatabase/api-client";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../../../scripts/test-support/until.ts";
import { createServer } from "../../src/api/io/server.ts";
import type { ControlPlane } from "../../src/control-plane/api.ts";
import { operationsOver } from "../support/operations.ts";
import { openTestEngine, type TestEngine } from "../support/test-engine.ts";

/**
 * Every route of the API against a real engine with real Postgres, in the order in which a client
 * would meet them; each answer is held against the official description by the engine's `call`.
 */

interface CreatedBranch {
  branch: Branch;
  endpoints: Endpoint[];
  operations: Operation[];
  roles: Role[];
  databases: Database[];
  connection_uris?: { connection_uri: string; connection_parameters: Record<string, string> }[];
}

let engine: TestEngine;
let project: Project;
let main: CreatedBranch;

beforeAll(async () => {
  engine = await openTestEngine();
  const created = await engine.call<CreatedBranch & { project: Project }>(
    201,
    "POST",
    "/projects",
    {
      project: { name: "contract" },
    },
  );
  project = created.project;
  main = created;
});

afterAll(() => engine?.close());

const inProject = (path: string) => `/projects/${project.id}${path}`;
const uriOf = (created: CreatedBranch) => created.connection_uris?.[0]?.connection_uri ?? "";

async function query(uri: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: uri });
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

async function newBranch(name: string, more: Record<string, unknown> = {}) {
  return engine.call<CreatedBranch>(201, "POST", inProject("/branches"), {
    branch: { name, ...more },
    endpoints: [{ type: "read_write" }],
  });
}

/** As the answer to a creation tells it. */
const beingMade = { current_state: "init", pending_state: "ready" };

async function expectFinished(operations: Operation[]): Promise<void> {
  expect(operations.map(({ status }) => status)).toEqual(operations.map(() => "running"));
  await operationsOver(engine, operations);
  for (const { id } of operations) {
    const now = await engine.call(200, "GET", inProject(`/operations/${id}`));
    expect(now).toMatchObject({ operation: { status: "finished" } });
  }
}

const remove = (created: CreatedBranch) =>
  engine.call(200, "DELETE", inProject(`/branches/${created.branch.id}`));

const code = (answer: unknown) => (answer as { code: string }).code;

test("account routes", async () => {
  const me = await engine.call<CurrentUserInfoResponse>(200, "GET", "/users/me");
  expect(me.max_autoscaling_limit).toBeGreaterThanOrEqual(0.25);
  expect(me.billing_account).toMatchObject({ state: "active", payment_method: "none" });
  await engine.call(200, "GET", "/auth");
  await engine.call(200, "GET", "/regions");
  const { organizations } = await engine.call<{ organizations: { id: string }[] }>(
    200,
    "GET",
    "/users/me/organizations",
  );
  expect(organizations.map(({ id }) => id)).toEqual([project.org_id]);
  const own = `/organizations/${project.org_id}`;
  expect(await engine.call(200, "GET", own)).toMatchObject({ id: project.org_id });
  const { members } = await engine.call<OrganizationMembersResponse>(200, "GET", `${own}/members`);
  expect(members.map(({ user }) => user.email)).toEqual([me.email]);
  await engine.call(200, "GET", `${own}/vpc/vpc_endpoints`);
  for (const path of ["", "/members", "/vpc/vpc_endpoints"]) {
    await engine.call(404, "GET", `/organizations/org-of-others${path}`);
  }
});

test("a new project has a main branch that can be connected to", async () => {
  expect(main.branch).toMatchObject({ name: "main", default: true, ...beingMade });
  expect(main.roles).toMatchObject([
    { name: "neondb_owner", password: expect.stringMatching(/^npg_/) },
  ]);
  expect(main.databases).toMatchObject([{ name: "neondb", owner_name: "neondb_owner" }]);
  await expectFinished(main.operations);
  const [row] = await query(
    uriOf(main),
    `select current_user, current_database(), current_setting('neon.branch_id') as branch,
       current_setting('neon.project_id') as project,
       (select rolsuper from pg_roles where rolname = current_user) as super`,
  );
  expect(row).toEqual({
    current_user: "neondb_owner",
    current_database: "neondb",
    branch: main.branch.id,
    project: project.id,
    super: false,
  });
});

test("connection parameters build the URI they stand beside", () => {
  const [details] = main.connection_uris ?? [];
  const { role, password, host, pooler_host, database } = details?.connection_parameters ?? {};
  expect(details?.connection_uri).toBe(`postgresql://${role}:${password}@${host}/${database}`);
  expect(pooler_host).toBe(host);
  expect(main.endpoints[0]?.host).toBe(host);
});

test("keys, permissions, and lists of what only the cloud has; access.test.ts has the rest", async () => {
  const made = await engine.call<{ id: number }>(200, "POST", "/api_keys", { key_name: "k" });
  expect(await engine.call(200, "GET", "/api_keys")).toMatchObject([{ id: made.id, name: "k" }]);
  await engine.call(200, "DELETE", `/api_keys/${made.id}`);
  const permissions = inProject("/permissions");
  const email = "casey@example.com";
  const granted = await engine.call<{ id: string }>(200, "POST", permissions, { email });
  expect(await engine.call(200, "GET", permissions)).toMatchObject({
    project_permissions: [{ id: granted.id, granted_to_email: email }],
  });
  await engine.call(200, "DELETE", `${permissions}/${granted.id}`);
  expect(await engine.call(200, "GET", inProject("/jwks"))).toEqual({ jwks: [] });
  expect(await engine.call(200, "GET", inProject("/vpc_endpoints"))).toEqual({ endpoints: [] });
  expect(await engine.call(200, "GET", inProject("/advisors"))).toEqual({ issues: [] });
  expect(await engine.call(200, "GET", inProject("/available_preload_libraries"))).toMatchObject({
    libraries: [{ library_name: "pg_stat_statements", is_default: true }, {}, {}],
  });
  const month = "from=2026-01-01T00:00:00Z&to=2026-02-01T00:00:00Z&granularity=daily";
  const ofOrg = `${month}&org_id=${project.org_id}&metrics=written_data_bytes`;
  const history = (path: string) => engine.call(200, "GET", `/consumption_history/${path}`);
  const nothing = { projects: [{ project_id: project.id, periods: [] }] };
  expect(await history(`projects?${month}`)).toMatchObject(nothing);
  expect(await history(`v2/projects?${ofOrg}`)).toMatchObject(nothing);
  expect(await history(`v2/branches?${ofOrg}&project_ids=a,${project.id}`)).toMatchObject({
    branches: [{ branch_id: main.branch.id, periods: [] }],
  });
});

test("projects: get, change, list, search, refuse", async () => {
  const { project: changed } = await engine.call<{ project: Project }>(
    200,
    "PATCH",
    inProject(""),
    {
      project: {
        name: "contract renamed",
        settings: { allowed_ips: { ips: [], protected_branches_only: false } },
        default_endpoint_settings: { suspend_timeout_seconds: 600 },
        history_retention_seconds: 3600,
      },
    },
  );
  const { project: got } = await engine.call<{ project: Project }>(200, "GET", inProject(""));
  expect(got).toMatchObject(changed);
  expect(got).toMatchObject({
    name: "contract renamed",
    history_retention_seconds: 3600,
    default_endpoint_settings: { suspend_timeout_seconds: 600, autoscaling_limit_min_cu: 0.25 },
  });
  const list = async (parameters: string) =>
    (await engine.call<{ projects: Project[] }>(200, "GET", `/projects${parameters}`)).projects.map(
      ({ id }) => id,
    );
  expect(await list("")).toEqual([project.id]);
  expect(await list(`?search=RENAMED&org_id=${project.org_id}`)).toEqual([project.id]);
  expect(await list(`?search=${project.id.slice(2, 9)}`)).toEqual([project.id]);
  expect(await list("?search=absent")).toEqual([]);
  expect(await list("?org_id=org-of-others")).toEqual([]);
  for (const yes of ["true", "True", "1", "t"]) {
    expect(await list(`?recoverable=${yes}`)).toEqual([]);
  }
  expect(await list("?recoverable=F")).toEqual([project.id]);
  await engine.call(400, "GET", "/projects?recoverable=yes");
  await engine.call(200, "GET", "/projects/shared");
  await engine.call(404, "GET", "/projects/no-such-12345678");
  await engine.call(404, "PATCH", "/projects/no-such-12345678", { project: {} });
  await engine.call(404, "DELETE", "/projects/no-such-12345678");
  await engine.call(422, "POST", "/projects", { project: { pg_version: 14 } });
});

test("a second project: full pages carry a cursor, the walk ends, deletion leaves nothing", async () => {
  const second = await engine.call<CreatedBranch & { project: Project }>(201, "POST", "/projects", {
    project: {
      name: "second",
      pg_version: project.pg_version,
      branch: { name: "trunk", role_name: "casey o'neil", database_name: "my db%" },
    },
  });
  const [row] = await query(uriOf(second), "select current_user, current_database() as db");
  expect(row).toEqual({ current_user: "casey o'neil", db: "my db%" });

  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await engine.call<{
      projects: Project[];
      pagination?: { cursor: string };
    }>(200, "GET", `/projects?limit=1${cursor ? `&cursor=${cursor}` : ""}`);
    seen.push(...page.projects.map(({ id }) => id));
    cursor = page.pagination?.cursor;
  } while (cursor);
  expect(seen).toEqual([second.project.id, project.id]);

  const path = `/projects/${second.project.id}`;
  await engine.call(404, "GET", `${path}/branches/${main.branch.id}`);
  await engine.call(200, "DELETE", path);
  await engine.call(404, "GET", path);
  await expect(query(uriOf(second), "select 1")).rejects.toThrow();
});

test("a branch sees its parent's rows and nothing goes either way afterwards", async () => {
  await query(uriOf(main), "create table note (body text); insert into note values ('main')");
  const child = await newBranch("isolated");
  expect(child.branch).toMatchObject({
    parent_id: main.branch.id,
    ...beingMade,
    default: false,
    init_source: "parent-data",
  });
  await expectFinished(child.operations);
  expect(await engine.call(200, "GET", inProject(`/branches/${child.branch.id}`))).toMatchObject({
    branch: { current_state: "ready" },
  });
  await query(uriOf(child), "insert into note values ('child')");
  await query(uriOf(main), "insert into note values ('later')");
  expect(await query(uriOf(child), "select body from note order by 1")).toEqual([
    { body: "child" },
    { body: "main" },
  ]);
  expect(await query(uriOf(main), "select body from note order by 1")).toEqual([
    { body: "later" },
    { body: "main" },
  ]);
  await remove(child);
  await expect(query(uriOf(child), "select 1")).rejects.toThrow();
});

test("branches: what creation refuses changes nothing", async () => {
  const count = () => engine.call<{ count: number }>(200, "GET", inProject("/branches/count"));
  const before = await count();
  const post = (status: number, body: unknown) =>
    engine.call(status, "POST", inProject("/branches"), body);
  expect(code(await post(409, { branch: { name: "main" } }))).toBe("BRANCH_ALREADY_EXISTS");
  await post(404, { branch: { parent_id: "br-no-such-12345678" } });
  await post(422, { branch: { parent_lsn: "0/1000028" } });
  await post(422, { branch: { parent_timestamp: "2026-01-01T00:00:00Z" } });
  await post(422, { branch: { archived: true } });
  await post(422, { endpoints: [{ type: "read_write" }, { type: "read_write" }] });
  expect(await count()).toEqual(before);
});

test("branches: without a body, with annotations; get, list, sort, page, search, count", async () => {
  const bare = await engine.call<CreatedBranch>(201, "POST", inProject("/branches"));
  expect(bare.endpoints).toEqual([]);
  expect(bare.connection_uris).toBeUndefined();
  const { branch: noted } = await engine.call<CreatedBranch>(201, "POST", inProject("/branches"), {
    branch: { name: "Annotated", parent_id: main.branch.id },
    annotation_value: { ticket: "42" },
  });
  const got = await engine.call<{ annotation: { value: unknown } }>(
    200,
    "GET",
    inProject(`/branches/${noted.id}`),
  );
  expect(got.annotation.value).toEqual({ ticket: "42" });

  interface List {
    branches: Branch[];
    annotations: Record<string, unknown>;
    pagination: { next?: string };
  }
  const list = (parameters = "") =>
    engine.call<List>(200, "GET", inProject(`/branches${parameters}`));
  const all = await list();
  expect(Object.keys(all.annotations)).toEqual([noted.id]);
  expect(all.pagination).toMatchObject({ next: expect.any(String), sort_order: "DESC" });
  expect(all.branches.map(({ updated_at }) => updated_at)).toEqual(
    all.branches
      .map(({ updated_at }) => updated_at)
      .sort()
      .reverse(),
  );

  const names: string[] = [];
  let next: string | undefined;
  do {
    const page = await list(`?sort_by=name&sort_order=ASC&limit=2${next ? `&cursor=${next}` : ""}`);
    names.push(...page.branches.map(({ name }) => name));
    next = page.pagination.next;
  } while (next);
  expect(names).toEqual(["Annotated", "main", bare.branch.name].sort());

  const found = await list("?search=annot");
  expect(found.branches.map(({ id }) => id)).toEqual([noted.id]);
  expect(await engine.call(200, "GET", inProject("/branches/count?search=annot"))).toEqual({
    count: 1,
  });
  for (const id of [bare.branch.id, noted.id]) {
    await engine.call(200, "DELETE", inProject(`/branches/${id}`));
    await engine.call(404, "GET", inProject(`/branches/${id}`));
    await engine.call(204, "DELETE", inProject(`/branches/${id}`));
  }
});

test("branches: rename, protect, expire, and what stands in the way of deletion", async () => {
  const parent = await newBranch("parent");
  const path = inProject(`/branches/${parent.branch.id}`);
  const patch = (status: number, branch: Record<string, unknown>) =>
    engine.call<{ branch: Branch }>(status, "PATCH", path, { branch });
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString();

  expect((await patch(200, { name: "renamed" })).branch.name).toBe("renamed");
  expect(code(await patch(409, { name: "main" }))).toBe("BRANCH_ALREADY_EXISTS");
  expect((await patch(200, { expires_at: tomorrow })).branch.expires_at).toBe(tomorrow);
  expect((await patch(200, { expires_at: null })).branch.expires_at).toBeUndefined();
  expect((await patch(200, { protected: true })).branch.protected).toBe(true);
  await patch(422, { expires_at: tomorrow });
  expect(code(await engine.call(422, "DELETE", path))).toBe("BRANCH_PROTECTED");
  const child = await newBranch("child", { parent_id: parent.branch.id });
  await patch(200, { protected: false });
  expect(code(await engine.call(422, "DELETE", path))).toBe("BRANCH_HAS_CHILDREN");
  await patch(422, { expires_at: tomorrow });
  await remove(child);
  await remove(parent);
  const root = inProject(`/branches/${main.branch.id}`);
  expect(code(await engine.call(422, "DELETE", root))).toBe("BRANCH_IS_DEFAULT");
  await engine.call(422, "PATCH", root, { branch: { expires_at: tomorrow } });
  await engine.call(404, "PATCH", inProject("/branches/br-no-such-12345678"), { branch: {} });
});

test("children of a protected branch get passwords of their own", async () => {
  const parent = await newBranch("guarded", { protected: true });
  const child = await newBranch("open", { parent_id: parent.branch.id });
  const passwords = [parent, child].map((created) => new URL(uriOf(created)).password);
  expect(passwords[0]).not.toBe(passwords[1]);
  await query(uriOf(child), "select 1");
  const wrong = new URL(uriOf(child));
  wrong.password = passwords[0] ?? "";
  await expect(query(wrong.href, "select 1")).rejects.toMatchObject({ code: "28P01" });
  await remove(child);
  await engine.call(200, "PATCH", inProject(`/branches/${parent.branch.id}`), {
    branch: { protected: false },
  });
  await remove(parent);
});

test("restore: data as in the source, address and id as before", async () => {
  const branch = await newBranch("restored");
  const path = inProject(`/branches/${branch.branch.id}/restore`);
  await query(uriOf(branch), "insert into note values ('to be lost')");
  const restore = (status: number, body: Record<string, unknown>) =>
    engine.call<{ branch: Branch }>(status, "POST", path, body);
  await restore(404, { source_branch_id: "br-no-such-12345678" });
  await restore(422, { source_branch_id: main.branch.id, source_lsn: "0/1000028" });
  await restore(422, {
    source_branch_id: main.branch.id,
    source_timestamp: "2026-01-01T00:00:00Z",
  });
  await restore(422, { source_branch_id: branch.branch.id });
  await restore(409, { source_branch_id: main.branch.id, preserve_under_name: "main" });
  expect(await query(uriOf(branch), "select from note where body = 'to be lost'")).toHaveLength(1);

  const { branch: after } = await restore(200, { source_branch_id: main.branch.id });
  expect(after.id).toBe(branch.branch.id);
  expect(after.last_reset_at).toBeDefined();
  expect(await query(uriOf(branch), "select from note where body = 'to be lost'")).toHaveLength(0);

  await query(uriOf(branch), "insert into note values ('kept')");
  await restore(200, { source_branch_id: main.branch.id, preserve_under_name: "before" });
  const { branches } = await engine.call<{ branches: Branch[] }>(
    200,
    "GET",
    inProject("/branches?search=before"),
  );
  const { endpoint } = await engine.call<{ endpoint: Endpoint }>(
    201,
    "POST",
    inProject("/endpoints"),
    { endpoint: { branch_id: branches[0]?.id, type: "read_write" } },
  );
  const kept = new URL(uriOf(branch));
  kept.host = endpoint.host;
  expect(await query(kept.href, "select from note where body = 'kept'")).toHaveLength(1);
  expect(await query(uriOf(branch), "select from note where body = 'kept'")).toHaveLength(0);
  await remove(branch);
  await engine.call(200, "DELETE", inProject(`/branches/${branches[0]?.id}`));
});

test("another branch can become the default one, and back", async () => {
  const other = await newBranch("other-default");
  const setDefault = (id: string) =>
    engine.call<{ branch: Branch }>(200, "POST", inProject(`/branches/${id}/set_as_default`));
  expect((await setDefault(other.branch.id)).branch.default).toBe(true);
  const { branch: before } = await engine.call<{ branch: Branch }>(
    200,
    "GET",
    inProject(`/branches/${main.branch.id}`),
  );
  expect(before.default).toBe(false);
  await engine.call(422, "DELETE", inProject(`/branches/${other.branch.id}`));
  await setDefault(main.branch.id);
  await remove(other);
  await engine.call(404, "POST", inProject("/branches/br-no-such-12345678/set_as_default"));
});

test("endpoints: made, changed, suspended, woken by a connection, deleted", async () => {
  const { branch } = await engine.call<CreatedBranch>(201, "POST", inProject("/branches"), {
    branch: { name: "endpoints" },
  });
  const wanted = { branch_id: branch.id, type: "read_write", name: "first" };
  const create = (status: number, endpoint: Record<string, unknown>) =>
    engine.call<{ endpoint: Endpoint }>(status, "POST", inProject("/endpoints"), { endpoint });
  await create(404, { ...wanted, branch_id: "br-no-such-12345678" });
  const { endpoint } = await create(201, { ...wanted, suspend_timeout_seconds: 900 });
  expect(endpoint).toMatchObject({ name: "first", suspend_timeout_seconds: 900 });
  expect((await engine.send("POST", inProject("/endpoints"), { endpoint: wanted })).ok).toBe(false);

  const path = inProject(`/endpoints/${endpoint.id}`);
  const step = async (verb: string) =>
    (await engine.call<{ endpoint: Endpoint }>(200, "POST", `${path}/${verb}`)).endpoint
      .current_state;
  expect(await step("start")).toBe("active");
  expect(await step("suspend")).toBe("idle");
  const { uri } = await engine.call<{ uri: string }>(
    200,
    "GET",
    inProject(`/connection_uri?branch_id=${branch.id}&database_name=neondb&role_name=neondb_owner`),
  );
  expect(await query(uri, "select 1 as one")).toEqual([{ one: 1 }]);
  const { endpoint: woken } = await engine.call<{ endpoint: Endpoint }>(200, "GET", path);
  expect(woken.current_state).toBe("active");
  expect(woken.host).toBe(endpoint.host);
  expect(await step("restart")).toBe("active");

  const { endpoint: changed } = await engine.call<{ endpoint: Endpoint }>(200, "PATCH", path, {
    endpoint: { name: "second", settings: { pg_settings: { work_mem: "5MB" } } },
  });
  expect(changed).toMatchObject({ name: "second", settings: { pg_settings: { work_mem: "5MB" } } });
  expect(await query(uri, "show work_mem")).toEqual([{ work_mem: "5MB" }]);
  await engine.call(422, "PATCH", path, { endpoint: { branch_id: main.branch.id } });

  const { endpoints } = await engine.call<{ endpoints: Endpoint[] }>(
    200,
    "GET",
    inProject(`/branches/${branch.id}/endpoints`),
  );
  expect(endpoints.map(({ id }) => id)).toEqual([endpoint.id]);
  const all = await engine.call<{ endpoints: Endpoint[] }>(200, "GET", inProject("/endpoints"));
  expect(all.endpoints.map(({ id }) => id).sort()).toEqual(
    [endpoint.id, main.endpoints[0]?.id].sort(),
  );

  await engine.call(200, "DELETE", path);
  await engine.call(404, "GET", path);
  await engine.call(204, "DELETE", path);
  for (const verb of ["start", "suspend", "restart"]) {
    await engine.call(404, "POST", `${path}/${verb}`);
  }
  await engine.call(404, "GET", inProject("/branches/br-no-such-12345678/endpoints"));
  await engine.call(200, "DELETE", inProject(`/branches/${branch.id}`));
});

test("a disabled endpoint takes no connection until it is enabled", async () => {
  const branch = await newBranch("disabled");
  const id = branch.endpoints[0]?.id;
  await query(uriOf(branch), "select 1");
  await engine.call(200, "PATCH", inProject(`/endpoints/${id}`), { endpoint: { disabled: true } });
  await expect(query(uriOf(branch), "select 1")).rejects.toMatchObject({
    code: "57P03",
    message: expect.stringContaining("disabled"),
  });
  await engine.call(200, "PATCH", inProject(`/endpoints/${id}`), { endpoint: { disabled: false } });
  await query(uriOf(branch), "select 1");
  await remove(branch);
});

test("roles: made, revealed, reset, deleted", async () => {
  const roles = inProject(`/branches/${main.branch.id}/roles`);
  const uri = async (role: string) =>
    (
      await engine.call<{ uri: string }>(
        200,
        "GET",
        inProject(`/connection_uri?database_name=neondb&role_name=${encodeURIComponent(role)}`),
      )
    ).uri;
  const name = "o'brien/ä";
  const { role } = await engine.call<{ role: Role }>(201, "POST", roles, { role: { name } });
  expect(role.password).toMatch(/^npg_/);
  const path = `${roles}/${encodeURIComponent(name)}`;
  expect(await engine.call(200, "GET", `${path}/reveal_password`)).toEqual({
    password: role.password,
  });
  const before = await uri(name);
  expect(await query(before, "select current_user")).toEqual([{ current_user: name }]);
  const { role: reset } = await engine.call<{ role: Role }>(200, "POST", `${path}/reset_password`);
  expect(reset.password).not.toBe(role.password);
  await expect(query(before, "select 1")).rejects.toMatchObject({ code: "28P01" });
  await query(await uri(name), "select 1");
  const { role: shown } = await engine.call<{ role: Role }>(200, "GET", path);
  expect(shown.password).toBeUndefined();

  await engine.call(409, "POST", roles, { role: { name } });
  for (const taken of ["pg_mine", "cloud_admin", "neon_superuser", "public"]) {
    const answer = await engine.send("POST", roles, { role: { name: taken } });
    expect([taken, answer.status >= 400 && answer.status < 500]).toEqual([taken, true]);
  }

  await engine.call(201, "POST", roles, { role: { name: "group", no_login: true } });
  await engine.call(412, "GET", `${roles}/group/reveal_password`);
  await engine.call(422, "GET", inProject("/connection_uri?database_name=neondb&role_name=group"));

  await query(uriOf(main), "create role from_sql login");
  const list = await engine.call<{ roles: Role[] }>(200, "GET", roles);
  expect(list.roles.map((each) => each.name).sort()).toEqual(
    ["from_sql", "group", "neondb_owner", name].sort(),
  );
  expect(code(await engine.call(422, "DELETE", `${roles}/neondb_owner`))).toBe(
    "ROLE_OWNS_DATABASE",
  );
  for (const each of [path, `${roles}/group`, `${roles}/from_sql`]) {
    await engine.call(200, "DELETE", each);
    await engine.call(404, "GET", each);
    await engine.call(404, "GET", `${each}/reveal_password`);
    await engine.call(404, "POST", `${each}/reset_password`);
    await engine.call(204, "DELETE", each);
  }
});

test("databases: made, renamed, given away, deleted", async () => {
  const databases = inProject(`/branches/${main.branch.id}/databases`);
  const owner_name = "neondb_owner";
  await engine.call(404, "POST", databases, { database: { name: "shop", owner_name: "nobody" } });
  await engine.call(409, "POST", databases, { database: { name: "neondb", owner_name } });
  await engine.call(409, "POST", databases, { database: { name: "template1", owner_name } });
  const { database } = await engine.call<{ database: Database }>(201, "POST", databases, {
    database: { name: "shop", owner_name },
  });
  expect(database).toMatchObject({ name: "shop", owner_name, branch_id: main.branch.id });
  const { database: renamed } = await engine.call<{ database: Database }>(
    200,
    "PATCH",
    `${databases}/shop`,
    { database: { name: "shop two" } },
  );
  expect(renamed).toMatchObject({ id: database.id, name: "shop two" });
  const { uri } = await engine.call<{ uri: string }>(
    200,
    "GET",
    inProject("/connection_uri?database_name=shop%20two&role_name=neondb_owner&pooled=true"),
  );
  expect(await query(uri, "select current_database() as db")).toEqual([{ db: "shop two" }]);
  const list = await engine.call<{ databases: Database[] }>(200, "GET", databases);
  expect(list.databases.map(({ name }) => name).sort()).toEqual(["neondb", "shop two"]);
  await engine.call(409, "PATCH", `${databases}/shop%20two`, { database: { name: "neondb" } });
  await engine.call(404, "PATCH", `${databases}/absent`, { database: { name: "x" } });
  const path = `${databases}/shop%20two`;
  await engine.call(200, "GET", path);
  await engine.call(200, "DELETE", path);
  await engine.call(404, "GET", path);
  await engine.call(204, "DELETE", path);
});

test("connection_uri: what it needs, and what does not exist", async () => {
  const get = (status: number, parameters: string) =>
    engine.call<{ uri: string }>(status, "GET", inProject(`/connection_uri?${parameters}`));
  const names = "database_name=neondb&role_name=neondb_owner";
  const endpointId = main.endpoints[0]?.id;
  for (const more of ["", `&branch_id=${main.branch.id}`, `&endpoint_id=${endpointId}`]) {
    expect((await get(200, names + more)).uri).toBe(uriOf(main));
  }
  await get(404, "database_name=absent&role_name=neondb_owner");
  await get(404, "database_name=neondb&role_name=absent");
  await get(404, `${names}&branch_id=br-no-such-12345678`);
  await get(404, `${names}&endpoint_id=ep-no-such-12345678`);
  const { branch } = await engine.call<CreatedBranch>(201, "POST", inProject("/branches"));
  await get(404, `${names}&branch_id=${branch.id}`);
  await get(404, `${names}&branch_id=${branch.id}&endpoint_id=${endpointId}`);
  await engine.call(200, "DELETE", inProject(`/branches/${branch.id}`));
});

test("operations: newest first, in pages that end", async () => {
  const { operations: all } = await engine.call<{ operations: Operation[] }>(
    200,
    "GET",
    inProject("/operations"),
  );
  expect(all.length).toBeGreaterThan(5);
  expect(all.map(({ created_at }) => created_at)).toEqual(
    all
      .map(({ created_at }) => created_at)
      .sort()
      .reverse(),
  );
  const seen: string[] = [];
  let cursor: string | undefined;
  do {
    const page = await engine.call<{ operations: Operation[]; pagination?: { cursor: string } }>(
      200,
      "GET",
      inProject(`/operations?limit=3${cursor ? `&cursor=${cursor}` : ""}`),
    );
    seen.push(...page.operations.map(({ id }) => id));
    cursor = page.pagination?.cursor;
  } while (cursor);
  expect(seen).toEqual(all.map(({ id }) => id));
  const { operation } = await engine.call<{ operation: Operation }>(
    200,
    "GET",
    inProject(`/operations/${seen[0]}`),
  );
  expect(operation).toEqual(all[0]);
  await engine.call(404, "GET", inProject("/operations/00000000-0000-4000-8000-000000000000"));
});

test("two creations at once both succeed", async () => {
  const [one, two] = await Promise.all([newBranch("at-once-1"), newBranch("at-once-2")]);
  await Promise.all([one, two].map((created) => query(uriOf(created), "select 1")));
  await Promise.all([remove(one), remove(two)]);
});

test("two creations of one name at once: one wins, the other is told", async () => {
  const body = { branch: { name: "contested" }, endpoints: [{ type: "read_write" }] };
  const answers = await Promise.all(
    [1, 2].map(() => engine.send("POST", inProject("/branches"), body)),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
  for (const answer of answers.filter(({ ok }) => ok)) {
    await remove((await answer.json()) as CreatedBranch);
  }
});

test("a branch's schema, and its difference to another's", async () => {
  const path = inProject(`/branches/${main.branch.id}`);
  const { sql } = await engine.call<{ sql: string }>(200, "GET", `${path}/schema?db_name=neondb`);
  expect(sql).toContain("PostgreSQL database dump");
  const comparison = `${path}/compare_schema?db_name=neondb&base_branch_id=${main.branch.id}`;
  expect(await engine.call(200, "GET", comparison)).toEqual({ diff: "" });
  await engine.call(404, "GET", inProject("/branches/br-no-such-12345678/schema?db_name=neondb"));
});

test("snapshots, and what is restored from them; snapshots.test.ts has the rest", async () => {
  const onMain = inProject(`/branches/${main.branch.id}`);
  const { snapshot } = await engine.call<{ snapshot: { id: string } }>(
    200,
    "POST",
    `${onMain}/snapshot?name=contract`,
  );
  const path = inProject(`/snapshots/${snapshot.id}`);
  await engine.call(200, "PATCH", path, { snapshot: { name: "renamed" } });
  const target = await newBranch("to-be-replaced");
  const restored = await engine.call<CreatedBranch>(200, "POST", `${path}/restore`, {
    name: "restored",
    target_branch_id: target.branch.id,
  });
  const ofRestored = inProject(`/branches/${restored.branch.id}`);
  await engine.call(200, "POST", `${ofRestored}/finalize_restore`, { name: "replaced" });
  await engine.call(200, "PUT", `${onMain}/backup_schedule`, { schedule: [] });
  expect(await engine.call(200, "GET", `${onMain}/backup_schedule`)).toEqual({ schedule: [] });
  await remove(target);
  await remove(restored);
  await engine.call(202, "DELETE", path);
  expect(await engine.call(200, "GET", inProject("/snapshots"))).toEqual({ snapshots: [] });
});

test("anonymized branches; anonymized.test.ts has the rest", async () => {
  await query(uriOf(main), "create table told (name text)");
  const rules = [
    {
      database_name: "neondb",
      schema_name: "public",
      table_name: "told",
      column_name: "name",
      masking_function: "anon.fake_email()",
    },
  ];
  const made = await engine.call<CreatedBranch>(201, "POST", inProject("/branch_anonymized"), {
    branch_create: { branch: { name: "anonymized" } },
  });
  const path = inProject(`/branches/${made.branch.id}`);
  await engine.call(200, "PATCH", `${path}/masking_rules`, { masking_rules: rules });
  expect(await engine.call(200, "GET", `${path}/masking_rules`)).toEqual({ masking_rules: rules });
  await engine.call(200, "POST", `${path}/anonymize`);
  await until("the end of the masking", async () => {
    const { state } = await engine.call<{ state: string }>(200, "GET", `${path}/anonymized_status`);
    return state === "anonymized";
  });
  const { operations } = await engine.call<{ operations: Operation[] }>(
    200,
    "GET",
    inProject("/operations"),
  );
  await operationsOver(engine, operations);
  await remove(made);
});

test("every route was answered with success at least once", () => {
  const nothing = {} as ControlPlane;
  const options = {
    apiKey: "",
    isMadeKey: () => false,
    version: "",
    log: () => {},
    stop: () => {},
  };
  const routes = createServer(nothing, options)
    // Neon's; our own below /ds/ have tests of their own.
    .routes.filter(({ path, method }) => /^\/api\/v2\/(?!ds\/)/.test(path) && method !== "ALL")
    .map(({ path, method }) => `${method} ${path.slice("/api/v2".length)}`);
  const answered = (route: string) => {
    const pattern = new RegExp(`^${route.replace(/:\w+/g, "[^/?]+")}(\\?|$)`);
    return engine.answers.some(
      ({ method, path, status }) => status < 300 && pattern.test(`${method} ${path}`),
    );
  };
  expect(routes.length).toBeGreaterThan(40);
  expect(routes.filter((route) => !answered(route))).toEqual([]);
});

test("no answer told a password but those that are for it; the log told none", () => {
  const talkative = new Set(
    engine.answers
      .filter(({ body }) => /npg_/.test(body))
      .map(({ method, path }) => `${method} ${path.split("?")[0]}`)
      .map((route) => route.replace(/(projects|branches|roles)\/[^/ ]+/g, "$1/*")),
  );
  expect([...talkative].sort()).toEqual([
    "GET /projects/*/branches/*/roles/*/reveal_password",
    "GET /projects/*/connection_uri",
    "POST /projects",
    "POST /projects/*/branch_anonymized",
    "POST /projects/*/branches",
    "POST /projects/*/branches/*/roles",
    "POST /projects/*/branches/*/roles/*/reset_password",
  ]);
  expect(engine.log.join("\n")).not.toMatch(/npg_(?!\*\*\*)/);
});
