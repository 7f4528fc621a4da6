import { existsSync, readdirSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { processesMentioning } from "../../scripts/processes.mjs";
import { Daemon } from "../../scripts/test-support/daemon.ts";
import { type Caller, sql, type TestBranch, TestProject } from "./support/branches.ts";
import { openTestEngine, type TestEngine } from "./support/test-engine.ts";

/** Read-only endpoints: hot standbys of a branch's server. */

interface Endpoint {
  id: string;
  type: string;
  host: string;
  current_state: string;
}

let engine: TestEngine;
let project: TestProject;
let replica: Endpoint;

beforeAll(async () => {
  engine = await openTestEngine();
  project = await TestProject.create(engine);
  await sql(project.main.uri, "create table notes (text text primary key)");
  await sql(project.main.uri, "insert into notes values ('first')");
});
afterAll(() => engine?.close());

const add = async (branch: TestBranch, settings: object = {}, status = 201) =>
  project.call<{ endpoint: Endpoint; code: string }>(status, "POST", "/endpoints", {
    endpoint: { branch_id: branch.id, type: "read_only", ...settings },
  });
const uriOf = (branch: TestBranch, { host }: Endpoint) => {
  const url = new URL(branch.uri);
  url.host = host;
  return url.href;
};
const notes = async (uri: string) =>
  (await sql<{ text: string }>(uri, "select text from notes order by text")).map((r) => r.text);
const stateOf = async (id: string, on: Caller = engine) =>
  (await on.call<{ endpoint: Endpoint }>(200, "GET", `/projects/${project.id}/endpoints/${id}`))
    .endpoint.current_state;
const suspend = (id: string) => project.call(200, "POST", `/endpoints/${id}/suspend`);
const copies = () => readdirSync(join(engine.home, "data", "replicas"));

test("a replica has an address of its own, the branch's rows and roles, and takes no writes", async () => {
  const { main } = project;
  replica = (await add(main)).endpoint;
  expect(replica).toMatchObject({ type: "read_only", current_state: "idle" });
  const uri = uriOf(main, replica);
  expect(uri).not.toBe(main.uri);
  expect(await notes(uri)).toEqual(["first"]);
  expect(
    await sql(
      uri,
      "select pg_is_in_recovery() as standby, current_setting('neon.endpoint_id') as endpoint",
    ),
  ).toEqual([{ standby: true, endpoint: replica.id }]);
  await expect(sql(uri, "insert into notes values ('no')")).rejects.toMatchObject({
    code: "25006",
  });
  const query = `endpoint_id=${replica.id}&role_name=neondb_owner&database_name=neondb`;
  expect(await project.call(200, "GET", `/connection_uri?${query}`)).toEqual({ uri });

  await sql(main.uri, "insert into notes values ('second')");
  await expect.poll(() => notes(uri)).toEqual(["first", "second"]);
  const status = await fetch(new URL("/engine/status", engine.url), {
    headers: { authorization: `Bearer ${engine.apiKey}` },
  });
  expect(await status.json()).toMatchObject({
    replicas: [{ endpointId: replica.id, branch: "main", lagBytes: expect.any(Number) }],
  });
});

test("it sleeps and wakes by itself, with what was written meanwhile; the branch may sleep, too", async () => {
  const { main } = project;
  const uri = uriOf(main, replica);
  await suspend(replica.id);
  expect(await stateOf(replica.id)).toBe("idle");
  await sql(main.uri, "insert into notes values ('third')");
  await project.suspend(main);
  expect(await notes(uri)).toEqual(["first", "second", "third"]);
  expect(await project.isRunning(main)).toBe(true);

  // The branch's server is another process afterwards, at another port.
  await project.suspend(main);
  expect(await notes(uri)).toHaveLength(3);
  expect(await project.isRunning(main)).toBe(false);
  await sql(main.uri, "insert into notes values ('fourth')");
  await expect.poll(() => notes(uri), { timeout: 15_000 }).toHaveLength(4);

  const short = { endpoint: { suspend_timeout_seconds: 1 } };
  await project.call(200, "PATCH", `/endpoints/${replica.id}`, short);
  await expect.poll(() => stateOf(replica.id), { timeout: 15_000 }).toBe("idle");
  expect(await project.isRunning(main)).toBe(true);
});

test("a branch has three at most, also from its creation", async () => {
  const types = ["read_only", "read_write", "read_only", "read_only"];
  const wanted = { branch: { name: "many" }, endpoints: types.map((type) => ({ type })) };
  const tooMany = { ...wanted, endpoints: [...wanted.endpoints, { type: "read_only" }] };
  expect(await project.call(422, "POST", "/branches", tooMany)).toMatchObject({
    code: "ENDPOINT_LIMIT_EXCEEDED",
  });
  const made = await project.call<{ branch: { id: string }; endpoints: Endpoint[] }>(
    201,
    "POST",
    "/branches",
    wanted,
  );
  expect(made.endpoints.map(({ type }) => type)).toEqual(types);
  const branch = { ...project.main, id: made.branch.id };
  const [first, own] = made.endpoints as [Endpoint, Endpoint];
  expect((await add(branch, {}, 422)).code).toBe("ENDPOINT_LIMIT_EXCEEDED");
  expect(await notes(uriOf(branch, first))).toHaveLength(4);
  // More connections on the branch are as many on its replicas, or they would not start.
  const settings = { pg_settings: { max_connections: "120" } };
  await project.call(200, "PATCH", `/endpoints/${own.id}`, { endpoint: { settings } });
  expect(await sql(uriOf(branch, first), "show max_connections")).toEqual([
    { max_connections: "120" },
  ]);
  await project.call(200, "DELETE", `/endpoints/${first.id}`);
  expect(copies()).not.toContain(first.id);
  const another = (await add(branch)).endpoint;
  expect(await notes(uriOf(branch, another))).toHaveLength(4);

  await project.delete({ ...branch, name: "many", endpointId: own.id, uri: "" });
  expect(copies()).toEqual([replica.id]);
  await project.call(404, "GET", `/endpoints/${another.id}`);
});

test("a restore of the branch is one of its replica, at the same address", async () => {
  const branch = await project.branch("restored");
  const own = (await add(branch)).endpoint;
  await sql(branch.uri, "delete from notes");
  await expect.poll(() => notes(uriOf(branch, own))).toEqual([]);
  await project.restore(branch, project.main, "before");
  expect(await notes(uriOf(branch, own))).toHaveLength(4);
  await project.delete(branch);
});

test("a copy that is damaged is made again", async () => {
  const uri = uriOf(project.main, replica);
  await notes(uri);
  await suspend(replica.id);
  const copy = join(engine.home, "data", "replicas", replica.id);
  truncateSync(join(copy, "global", "pg_control"), 100);
  expect(await notes(uri)).toHaveLength(4);
  expect(engine.log.join("\n")).toContain(`making the read replica ${replica.id} anew`);
});

test("what the branch has no log of any more is copied anew", async () => {
  const forgetful = await TestProject.create(engine, { history_retention_seconds: 0 });
  const { main } = forgetful;
  const { endpoint } = await forgetful.call<{ endpoint: Endpoint }>(201, "POST", "/endpoints", {
    endpoint: { branch_id: main.id, type: "read_only" },
  });
  const uri = uriOf(main, endpoint);
  await sql(main.uri, "create table much (text text)");
  expect(await sql(uri, "select 1")).toHaveLength(1);
  await forgetful.call(200, "POST", `/endpoints/${endpoint.id}/suspend`);
  await sql(
    main.uri,
    "insert into much select repeat(md5(i::text), 30) from generate_series(1, 60000) i",
  );
  await forgetful.suspend(main);
  const before = engine.log.length;
  expect(await sql(uri, "select count(*)::int from much")).toEqual([{ count: 60_000 }]);
  // It was seen before a server was started on the copy.
  expect(engine.log.slice(before)).toEqual([]);
  await engine.call(200, "DELETE", `/projects/${forgetful.id}`);
});

test("an engine that is killed leaves nothing that the next one does not settle", async () => {
  const uri = uriOf(project.main, replica);
  await engine.stop();
  let daemon = await Daemon.start(engine.home);
  try {
    const { endpoint } = await daemon.call<{ endpoint: Endpoint }>(
      201,
      "POST",
      `/projects/${project.id}/endpoints`,
      { endpoint: { branch_id: project.main.id, type: "read_only" } },
    );
    const other = uriOf(project.main, endpoint);
    for (const each of [uri, other]) expect(await notes(each)).toHaveLength(4);
    await sql(project.main.uri, "insert into notes values ('fifth')");
    await daemon.kill();
    daemon = await Daemon.start(engine.home);
    const left = processesMentioning(join(engine.home, "data", "replicas"));
    expect(left).toEqual([]);
    expect(await stateOf(replica.id, daemon)).toBe("idle");
    for (const each of [uri, other]) expect(await notes(each)).toHaveLength(5);
    await daemon.call(200, "DELETE", `/projects/${project.id}`);
    expect(copies()).toEqual([]);
  } finally {
    await daemon.stop();
  }
  expect(existsSync(join(engine.home, "data", "pgdata"))).toBe(true);
  expect(readdirSync(join(engine.home, "data", "pgdata"))).toEqual([]);
  engine = await openTestEngine({ home: engine.home });
});
