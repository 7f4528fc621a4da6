import { Client, neon, Pool } from "@neondatabase/serverless";
import { expect, test } from "vitest";
import { slow } from "../../../scripts/test-support/limits.ts";
import { type TestBranch, TestProject } from "../support/branches.ts";
import { configureDriver, failureOf } from "../support/serverless.ts";
import { openTestEngine, type TestEngine } from "../support/test-engine.ts";
import { withBranch, withEngine } from "../support/with-engine.ts";

/** The driver while branches sleep, wake, are reset and go, and while the engine stops. */

let engine: TestEngine;
let project: TestProject;
let main: TestBranch;
let branch: TestBranch;

withEngine(async (fresh) => {
  configureDriver();
  ({ engine, project } = fresh);
  main = project.main;
  await neon(main.uri)`create table fact (n int)`;
  await neon(main.uri)`insert into fact values (0)`;
});
withBranch(
  () => project,
  (fresh) => {
    branch = fresh;
  },
);

const endpoint = () => `/projects/${project.id}/endpoints/${branch.endpointId}`;
const inProject = () => `/projects/${project.id}/branches/${branch.id}`;

interface EndpointAnswer {
  endpoint: { current_state: string; last_active: string };
}

const state = async () => (await engine.call<EndpointAnswer>(200, "GET", endpoint())).endpoint;

test("a sleeping branch wakes for a query and for a WebSocket", async () => {
  await neon(branch.uri)`select 1`;
  await engine.call(200, "POST", `${endpoint()}/suspend`);
  expect((await state()).current_state).toBe("idle");
  expect(await neon(branch.uri)`select n from fact`).toEqual([{ n: 0 }]);
  expect((await state()).current_state).toBe("active");

  await engine.call(200, "POST", `${endpoint()}/suspend`);
  const client = new Client(branch.uri);
  await client.connect();
  expect((await client.query("select n from fact")).rows).toEqual([{ n: 0 }]);
  await client.end();
});

test("queries count as activity", async () => {
  await neon(branch.uri)`select 1`;
  const before = Date.parse((await state()).last_active);
  // It is told in whole seconds.
  const afterAnother = async () => {
    await neon(branch.uri)`select 1`;
    return Date.parse((await state()).last_active);
  };
  await expect.poll(afterAnother).toBeGreaterThan(before);
});

test("a disabled endpoint says so", async () => {
  await engine.call(200, "PATCH", endpoint(), { endpoint: { disabled: true } });
  const told = { code: "57P03", message: expect.stringContaining("the endpoint is disabled") };
  await expect(neon(branch.uri)`select 1`).rejects.toMatchObject(told);
  const client = new Client(branch.uri);
  client.on("error", () => {});
  await expect(client.connect().then(() => client.query("select 1"))).rejects.toMatchObject(told);
  await engine.call(200, "PATCH", endpoint(), { endpoint: { disabled: false } });
});

test("a connection that breaks fails its query, and no other", async () => {
  const sql = neon(branch.uri);
  const broken = failureOf(sql`select 'broken', pg_sleep(600)`);
  const kill = () => sql`select pg_terminate_backend(pid) as killed from pg_stat_activity
    where query like '%broken%' and wait_event = 'PgSleep'`;
  await expect.poll(kill).toEqual([{ killed: true }]);
  expect(await broken).toMatchObject({ code: "57P01", severity: "FATAL" });
  expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
});

test("a database can be dropped right after it was queried", async () => {
  await neon(main.uri)`create database passing`;
  const passing = Object.assign(new URL(main.uri), { pathname: "/passing" });
  for (let round = 0; round < 5; round++) await neon(String(passing))`select ${round}::int`;
  await neon(main.uri)`drop database passing`;
});

test("a reset in the middle of queries: each is answered or told, and none lands on old data", async () => {
  const sql = neon(branch.uri);
  const pool = new Pool({ connectionString: branch.uri, max: 3 });
  pool.on("error", () => {});
  await sql`insert into fact values (1)`;
  let isReset = false;
  const failures: unknown[] = [];
  let answered = 0;
  const ask = async (query: () => Promise<unknown[]>) => {
    while (!isReset || answered < 20) {
      const began = isReset;
      try {
        const rows = await query();
        answered++;
        if (began) expect(rows).toEqual([{ n: 0 }]);
      } catch (error) {
        failures.push(await failureOf(Promise.reject(error)));
      }
    }
  };
  const clients = [
    ...[1, 2, 3].map(() => ask(() => sql`select n from fact order by n`)),
    ...[1, 2, 3].map(() =>
      ask(async () => (await pool.query("select n from fact order by n")).rows),
    ),
  ];
  await expect.poll(() => answered).toBeGreaterThan(clients.length);
  await engine.call(200, "POST", `${inProject()}/restore`, { source_branch_id: main.id });
  isReset = true;
  answered = 0;
  await Promise.all(clients);
  await pool.end();
  // What was under way when Postgres stopped is told so by Postgres, or sees its connection end.
  for (const failure of failures) {
    expect(JSON.stringify(failure)).toMatch(/57P01|terminated|connection/i);
  }
  expect(failures.length).toBeLessThan(20);
});

test("a changed password counts at once", async () => {
  await neon(branch.uri)`select 1`;
  await engine.call(200, "POST", `${inProject()}/roles/neondb_owner/reset_password`);
  await expect(neon(branch.uri)`select 1`).rejects.toMatchObject({ code: "28P01" });
});

test("a deleted branch is not found any more", async () => {
  await engine.call(200, "DELETE", inProject());
  const uri = new URL(branch.uri);
  const answer = await fetch(new URL("/sql", engine.url), {
    method: "POST",
    headers: { "neon-connection-string": String(uri) },
    body: JSON.stringify({ query: "select 1" }),
  });
  expect([answer.status, await answer.text()]).toEqual([
    400,
    expect.stringContaining(`no branch of this engine is at ${uri.host}`),
  ]);
});

test("the engine stops in time with WebSockets open and a query under way", async () => {
  const other = await openTestEngine();
  const { main } = await TestProject.create(other);
  const { uri } = main;
  const client = new Client(uri);
  client.on("error", () => {});
  await client.connect();
  const ended = new Promise((resolve) => client.once("end", resolve));
  const underWay = failureOf(neon(uri)`select pg_sleep(600)`);
  const active = () =>
    neon(uri)`select from pg_stat_activity where wait_event = 'PgSleep' and state = 'active'`;
  await expect.poll(active).toHaveLength(1);
  const began = Date.now();
  await other.close();
  expect(Date.now() - began).toBeLessThan(slow(20_000));
  await ended;
  expect((await underWay).message).toMatch(/terminating|Error connecting|closed/);
});
