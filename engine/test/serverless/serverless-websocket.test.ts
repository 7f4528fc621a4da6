import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Client, neonConfig, Pool } from "@neondatabase/serverless";
import pg from "pg";
import { afterEach, describe, expect, test } from "vitest";
import WebSocket from "ws";
import type { TestBranch, TestProject } from "../support/branches.ts";
import { configureDriver, failureOf } from "../support/serverless.ts";
import type { TestEngine } from "../support/test-engine.ts";
import { withEngine } from "../support/with-engine.ts";

/** Neon's driver over WebSockets: `Pool` and `Client`. */

let engine: TestEngine;
let project: TestProject;
let branch: TestBranch;

withEngine((fresh) => {
  configureDriver();
  ({ engine, project } = fresh);
  branch = project.main;
});

afterEach(() => {
  configureDriver();
  neonConfig.pipelineConnect = "password";
});

async function connected(uri = branch.uri): Promise<Client> {
  const client = new Client(uri);
  client.on("error", () => {});
  await client.connect();
  return client;
}

describe.each(["password", false] as const)("pipelineConnect %s", (pipelineConnect) => {
  test("rows as pg gives them", async () => {
    neonConfig.pipelineConnect = pipelineConnect;
    const client = await connected();
    const text = "select $1::int as i, now() - now() as d, '{\"a\":1}'::jsonb as j, null as n";
    const direct = new pg.Client({ connectionString: branch.uri });
    await direct.connect();
    expect((await client.query(text, [1])).rows).toEqual((await direct.query(text, [1])).rows);
    await Promise.all([client.end(), direct.end()]);
  });

  test.each([
    ["a wrong password", { password: "wrong" }, "28P01"],
    ["an unknown role", { username: "nobody" }, "28P01"],
    ["an unknown database", { pathname: "/nowhere" }, "3D000"],
  ])("%s: as pg is told", async (_, change, code) => {
    neonConfig.pipelineConnect = pipelineConnect;
    const uri = String(Object.assign(new URL(branch.uri), change));
    const overTcp = await failureOf(new pg.Client({ connectionString: uri }).connect());
    const client = new Client(uri);
    client.on("error", () => {});
    // With pipelining the driver reports it to the first query, not to connect().
    const overWebSocket = await failureOf(client.connect().then(() => client.query("select 1")));
    expect(overWebSocket).toMatchObject({ code, message: overTcp.message });
  });
});

test("a session: interactive transactions, settings, notices and prepared statements", async () => {
  const client = await connected();
  const notices: string[] = [];
  client.on("notice", ({ message }) => notices.push(message ?? ""));
  await client.query("create temporary table t (id int); set application_name = 'mine'");
  await client.query("begin");
  await client.query("insert into t values (1)");
  await client.query("rollback");
  await client.query("do $$ begin raise notice 'hello'; end $$");
  expect((await client.query("select * from t")).rowCount).toBe(0);
  expect((await client.query("show application_name")).rows).toEqual([
    { application_name: "mine" },
  ]);
  expect(notices).toEqual(["hello"]);
  for (const n of [1, 2]) {
    const named = { name: "twice", text: "select $1::int * 2 as n", values: [n] };
    expect((await client.query(named)).rows).toEqual([{ n: 2 * n }]);
  }
  await expect(client.query("select nope")).rejects.toMatchObject({ code: "42703", position: "8" });
  await client.end();
});

test("LISTEN and NOTIFY, from a WebSocket and from TCP", async () => {
  const listener = await connected();
  const heard: unknown[] = [];
  listener.on("notification", ({ channel, payload }) => heard.push([channel, payload]));
  await listener.query("listen news");
  const direct = new pg.Client({ connectionString: branch.uri });
  await direct.connect();
  await direct.query("select pg_notify('news', 'from tcp')");
  await direct.end();
  const speaker = await connected();
  await speaker.query("notify news, 'from a websocket'");
  await speaker.end();
  await expect
    .poll(() => heard)
    .toEqual([
      ["news", "from tcp"],
      ["news", "from a websocket"],
    ]);
  await listener.end();
});

test("a pool with 50 queries at once", async () => {
  const pool = new Pool({ connectionString: branch.uri, max: 8 });
  const results = await Promise.all(
    Array.from({ length: 50 }, (_, i) => pool.query("select $1::int as i", [i])),
  );
  expect(results.map(({ rows }) => rows[0].i)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  await pool.end();
});

test("poolQueryViaFetch, which leaves the port out, at the branch's own address", async () => {
  neonConfig.fetchEndpoint = `http://${new URL(branch.uri).host}/sql`;
  neonConfig.poolQueryViaFetch = true;
  const pool = new Pool({ connectionString: branch.uri });
  const result = await pool.query("select $1::int as one", [1]);
  neonConfig.poolQueryViaFetch = false;
  expect(result).toMatchObject({ rows: [{ one: 1 }], viaNeonFetch: true });
  await pool.end();
});

test("50 MB down and 20 MB up", async () => {
  const client = await connected();
  const { rows } = await client.query(
    "select repeat('x', 1000) as big from generate_series(1, 50000)",
  );
  expect(rows).toHaveLength(50_000);
  expect(rows.at(-1).big).toHaveLength(1000);
  const up = "y".repeat(20_000_000);
  expect((await client.query("select length($1) as n, md5($1) as h", [up])).rows[0].n).toBe(
    20_000_000,
  );
  await client.end();
});

test("a client that does not read holds Postgres up, not the engine's memory", async () => {
  const socket = await openRaw(`ws://localhost:${port(branch.uri)}/v2`);
  const client = await connected();
  await logIn(socket, branch.uri);
  socket.pause();
  const text = "select repeat('x', 10000) as held_up from generate_series(1, 100000)";
  socket.send(packet("Q", Buffer.from(`${text}\0`)));
  const waits = async () =>
    (
      await client.query(
        "select wait_event from pg_stat_activity where query like '%held_up%' and pid <> pg_backend_pid()",
      )
    ).rows[0]?.wait_event;
  await expect.poll(waits).toBe("ClientWrite");
  const before = process.memoryUsage().rss;
  await sleep(500); // Where nothing moves there is nothing to wait for.
  expect(await waits()).toBe("ClientWrite");
  expect(process.memoryUsage().rss - before).toBeLessThan(100_000_000);
  socket.terminate();
  // With its client gone Postgres gives up.
  await expect.poll(waits).toBeUndefined();
  await client.end();
});

test("pings are answered", async () => {
  const socket = await openRaw(`ws://localhost:${port(branch.uri)}/v2`);
  socket.ping("here?");
  const [data] = await once(socket, "pong");
  expect(String(data)).toBe("here?");
  socket.close();
  await once(socket, "close");
});

test("TLS inside of the WebSocket goes through to Postgres", async () => {
  const socket = await openRaw(`ws://localhost:${port(branch.uri)}/v2`);
  socket.send(packet("", Buffer.from([0x04, 0xd2, 0x16, 0x2f])));
  const [answer] = await once(socket, "message");
  expect(String(answer)).toBe("S");
  socket.terminate();
});

test("closing either side closes the other", async () => {
  const watcher = await connected();
  const client = await connected();
  const { rows } = await client.query("select pg_backend_pid() as pid");
  const pid = rows[0].pid;
  const isThere = async () =>
    (await watcher.query("select from pg_stat_activity where pid = $1", [pid])).rowCount;
  await client.end();
  await expect.poll(isThere).toBe(0);

  const other = await connected();
  const ended = endOf(other);
  await watcher.query("select pg_terminate_backend($1)", [
    (await other.query("select pg_backend_pid() as pid")).rows[0].pid,
  ]);
  await ended;
  await watcher.end();
});

test("at the API's own port, with the address in the query", async () => {
  const api = new URL(engine.url).host;
  neonConfig.wsProxy = `${api}/v2`;
  const client = await connected();
  expect((await client.query("show neon.branch_id")).rows).toEqual([
    { "neon.branch_id": branch.id },
  ]);
  await client.end();
});

test("a reset waits for nobody: sessions end, new ones find the new state", async () => {
  const main = await connected();
  await main.query("create table if not exists fact (id int)");
  const child = await project.branch("child");
  const client = await connected(child.uri);
  await client.query("insert into fact values (1)");
  const ended = endOf(client);
  await project.restore(child, branch);
  await ended;
  const again = await connected(child.uri);
  expect((await again.query("select * from fact")).rows).toEqual([]);
  await Promise.all([again.end(), main.end()]);
});

const port = (uri: string) => new URL(uri).port;

async function openRaw(url: string): Promise<WebSocket> {
  const socket = new WebSocket(url);
  await once(socket, "open");
  return socket;
}

function packet(type: string, body: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
}

/** Logs in as the driver does, everything at once, and waits until a query may be sent. */
async function logIn(socket: WebSocket, uri: string): Promise<void> {
  const ready = readyForQuery(socket);
  const { username, password, pathname } = new URL(uri);
  const parameters = `user\0${username}\0database\0${pathname.slice(1)}\0\0`;
  socket.send(packet("", Buffer.concat([Buffer.from([0, 3, 0, 0]), Buffer.from(parameters)])));
  socket.send(packet("p", Buffer.from(`${password}\0`)));
  await ready;
}

/** Resolves with the message that says that a query may be sent. */
function readyForQuery(socket: WebSocket): Promise<void> {
  const idle = packet("Z", Buffer.from("I"));
  return new Promise((resolve) => {
    const onMessage = (data: Buffer) => {
      if (!data.subarray(-idle.length).equals(idle)) return;
      socket.off("message", onMessage);
      resolve();
    };
    socket.on("message", onMessage);
  });
}

/** Unlike `once` of node:events, it does not mind the error that comes before the end. */
function endOf(client: Client): Promise<void> {
  return new Promise((resolve) => client.once("end", resolve));
}
