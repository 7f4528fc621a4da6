// More than 300 lines: its cases share one engine, whose start takes longer than any of them.

import { once } from "node:events";
import { createServer, type Server } from "node:net";
import { neon } from "@neondatabase/serverless";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import WebSocket from "ws";
import { startupMessage } from "../../src/postgres/wire-messages.ts";
import type { TestBranch } from "../support/branches.ts";
import { configureDriver, failureOf } from "../support/serverless.ts";
import type { TestEngine } from "../support/test-engine.ts";
import { withEngine } from "../support/with-engine.ts";

/** `/sql` and `/v2` take no API key: what they let through and what not. */

let engine: TestEngine;
let branch: TestBranch;

withEngine((fresh) => {
  configureDriver();
  engine = fresh.engine;
  branch = fresh.project.main;
});

interface SqlAnswer {
  status: number;
  headers: Headers;
  body: { message?: string; code?: string | null; rows?: unknown[]; results?: unknown[] };
}

/** `POST /sql` at the API's port; a header that is undefined is not sent. */
async function post(
  body: unknown,
  headers: Record<string, string | undefined> = {},
  method = "POST",
): Promise<SqlAnswer> {
  const all = { "neon-connection-string": branch.uri, ...headers };
  const sent = Object.entries(all).filter((entry): entry is [string, string] => !!entry[1]);
  const response = await fetch(new URL("/sql", engine.url), {
    method,
    headers: sent,
    ...(method === "POST" && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === "" ? {} : JSON.parse(text),
  };
}

const one = { query: "select 1 as one" };
const uriWith = (change: Partial<URL>) => String(Object.assign(new URL(branch.uri), change));

test("a request as Neon's documentation has it, at the API's own port", async () => {
  expect(await post(one)).toMatchObject({
    status: 200,
    body: { rows: [{ one: 1 }], rowCount: 1, command: "SELECT", rowAsArray: false },
  });
});

describe("credentials", () => {
  test.each([
    ["a wrong password", { password: "wrong" }],
    ["an unknown role", { username: "nobody" }],
    ["an unknown database", { pathname: "/nowhere" }],
  ])("%s: 400 with what pg is told", async (_, change) => {
    const uri = uriWith(change);
    const {
      length: _length,
      name: _name,
      ...expected
    } = await failureOf(new pg.Client({ connectionString: uri }).connect());
    const { name: __name, sourceError, ...found } = await failureOf(neon(uri)`select 1`);
    expect(found).toEqual(expected);
    expect((await post(one, { "neon-connection-string": uri })).status).toBe(400);
  });

  test.each([
    ["no connection string", undefined, "missing header: Neon-Connection-String"],
    ["not a URL", "user=x dbname=y", "not a URL"],
    ["another scheme", "mysql://u:p@localhost/d", "postgresql://"],
    ["no password", "postgresql://u@localhost:1/d", "required password"],
    ["no role", "postgresql://:p@localhost:1/d", "missing username"],
    ["no database", "postgresql://u:p@localhost:1", "missing database name"],
    ["bad encoding", "postgresql://u:%ff@localhost:1/d", "percent-encoded"],
    ["a zero byte", "postgresql://u:p%00@localhost:1/d", "zero byte"],
  ])("%s: 400", async (_, uri, message) => {
    const { status, body } = await post(one, { "neon-connection-string": uri });
    expect(status).toBe(400);
    expect(body.message).toContain(message);
  });

  test("a token instead of a password: 400 that says what to do", async () => {
    const { status, body } = await post(one, { authorization: "Bearer eyJ.eyJ.sig" });
    expect(status).toBe(400);
    expect(body.message).toMatch(/authToken.*password/);
  });

  test("no password in the engine's log or in an answer", async () => {
    const { password } = new URL(branch.uri);
    const answers = await Promise.all([
      post({ query: "selec" }),
      post(one, { "neon-connection-string": uriWith({ port: "1" }) }),
      post("{"),
    ]);
    expect(JSON.stringify([answers, engine.log])).not.toContain(password);
  });
});

describe("targets: this engine's endpoints and nothing else", () => {
  let other: Server;
  let connections = 0;

  beforeAll(async () => {
    other = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await once(other.listen(0, "127.0.0.1"), "listening");
  });

  afterAll(() => new Promise((resolve) => other.close(resolve)));

  const otherPort = () => String((other.address() as { port: number }).port);

  test.each([
    ["another port of this machine", () => `localhost:${otherPort()}`],
    ["the API's own port", () => `localhost:${new URL(engine.url).port}`],
    ["another host", () => `169.254.169.254:${new URL(branch.uri).port}`],
    ["a name that might lead here", () => `localhost.example.com:${new URL(branch.uri).port}`],
    ["a real Neon host", () => "ep-cool-name-123456.eu-central-1.aws.neon.tech"],
  ])("%s", async (_, address) => {
    const url = new URL(branch.uri);
    const target = `postgresql://${url.username}:${url.password}@${address()}/neondb`;
    const { status, body } = await post(one, { "neon-connection-string": target });
    expect(status).toBe(400);
    expect(body.message).toMatch(/endpoint|branch/);
    const error = await webSocketError(`/v2?address=${encodeURIComponent(address())}`);
    expect(error).toMatch(/endpoint|address/);
    expect(connections).toBe(0);
  });

  test("no port: the branch whose port the request came to", async () => {
    const headers = { "neon-connection-string": uriWith({ port: "" }) };
    const response = await fetch(`http://localhost:${new URL(branch.uri).port}/sql`, {
      method: "POST",
      headers,
      body: JSON.stringify({ query: "show neon.branch_id" }),
    });
    expect(await response.json()).toMatchObject({ rows: [{ "neon.branch_id": branch.id }] });
    const { status, body } = await post(one, headers);
    expect(status).toBe(400);
    expect(body.message).toContain("names no port");
  });
});

describe("bodies", () => {
  test.each([
    ["nothing", "", "not valid JSON"],
    ["not JSON", "{", "not valid JSON"],
    ["a list", [], "not a JSON object"],
    ["no query", {}, 'no "query"'],
    ["a query that is no text", { query: 1 }, 'no "query"'],
    ["parameters that are no list", { query: "select 1", params: {} }, '"params"'],
    ["queries that are no list", { queries: {} }, '"queries"'],
    ["a bad one among queries", { queries: [one, null] }, "queries[1]"],
    ["a number that would be rounded", '{"query":"x","params":[9007199254740993]}', "as a string"],
  ])("%s: 400", async (_, body, message) => {
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(answer.body.message).toContain(message);
  });

  test("10 MB are let in, more is refused with 413", async () => {
    const query = { query: "select length($1) as n", params: ["x".repeat(10_000_000)] };
    expect((await post(query)).body.rows).toEqual([{ n: 10_000_000 }]);
    query.params = ["x".repeat(11_000_000)];
    const { status, body } = await post(query);
    expect(status).toBe(413);
    expect(body.message).toContain("max is 10485760 bytes");
  });

  test("other methods: 405", async () => {
    expect((await post(undefined, {}, "GET")).status).toBe(405);
  });
});

describe("without Neon-Raw-Text-Output, values are JSON's", () => {
  test("each type", async () => {
    const query = `select 1::int2 as i, 2::int8 as big, 1.50::numeric as n, 0.5::float8 as f,
      'NaN'::float8 as nan, true as t, null as nothing, '{"a":[1e400]}'::json as j, 'x"y' as s,
      '{1,NULL}'::int[] as ints, '{{"a,b","q\\"\\\\"},{NULL,"NULL"}}'::text[] as texts,
      '{}'::text[] as none, '[0:1]={t,f}'::bool[] as bools, array['{"k":"}"}'::jsonb] as js,
      '{9007199254740993}'::int8[] as bigs, '2026-01-02'::date as d`;
    const text = await (
      await fetch(new URL("/sql", engine.url), {
        method: "POST",
        headers: { "neon-connection-string": branch.uri },
        body: JSON.stringify({ query }),
      })
    ).text();
    // Documents are passed on as they are, whatever numbers they hold.
    expect(text).toContain('"j":{"a":[1e400]}');
    expect(JSON.parse(text).rows).toEqual([
      {
        i: 1,
        big: "2",
        n: "1.50",
        f: 0.5,
        nan: "NaN",
        t: true,
        nothing: null,
        j: { a: [Number.POSITIVE_INFINITY] },
        s: 'x"y',
        ints: [1, null],
        texts: [
          ["a,b", 'q"\\'],
          [null, "NULL"],
        ],
        none: [],
        bools: [true, false],
        js: [{ k: "}" }],
        bigs: ["9007199254740993"],
        d: "2026-01-02",
      },
    ]);
  });

  test("parameters of JSON's types, lists by statement, array mode by header", async () => {
    const params = [1, true, { a: "b" }, [1, null, 'q"\\', ["x"]].slice(0, 3), "\n{}", null];
    const query =
      "select $1::int a, $2::bool b, $3::jsonb c, $4::text[] d, array[$5::text] e, $6::text f";
    const { body } = await post(
      {
        queries: [
          { query, params },
          { ...one, arrayMode: false },
        ],
      },
      { "neon-array-mode": "true", "neon-batch-read-only": "true" },
    );
    expect(body.results).toMatchObject([
      { rows: [[1, true, { a: "b" }, ["1", null, 'q"\\'], ["\n{}"], null]], rowAsArray: true },
      { rows: [{ one: 1 }], rowAsArray: false },
    ]);
  });

  test("arrays of every type that Postgres brings are lists", async () => {
    const types = await neon(branch.uri)`
      select a.typname as name from pg_type a join pg_type e on a.typelem = e.oid
      where a.typname ^@ '_' and a.oid < 10000 and e.typtype in ('b', 'r', 'm') and e.typdelim = ','`;
    expect(types.length).toBeGreaterThan(60);
    const query = `select ${types.map(({ name }) => `'{}'::${name} as ${name}`).join(", ")}`;
    const { body } = await post({ query });
    const empty = Object.fromEntries(types.map(({ name }) => [name, []]));
    expect(body.rows).toEqual([empty]);
  });
});

describe("web pages", () => {
  test("one of this machine may ask, with a preflight", async () => {
    const origin = "http://localhost:5173";
    const preflight = await post(undefined, { origin }, "OPTIONS");
    expect(preflight.status).toBe(204);
    expect(preflight.headers.get("access-control-allow-origin")).toBe(origin);
    expect(preflight.headers.get("access-control-allow-headers")).toContain(
      "Neon-Connection-String",
    );
    const { status, headers } = await post(one, { origin });
    expect([status, headers.get("access-control-allow-origin")]).toEqual([200, origin]);
  });

  test.each(["https://evil.example", "http://localhost.evil.example", "null"])(
    "from %s: 403, for HTTP and WebSocket",
    async (origin) => {
      for (const method of ["OPTIONS", "POST"]) {
        const { status, headers } = await post(one, { origin }, method);
        expect([status, headers.get("access-control-allow-origin")]).toEqual([403, null]);
      }
      await expect(open(`/v2`, { origin })).rejects.toThrow("403");
    },
  );

  test("under a foreign name that resolves here: 403", async () => {
    await expect(open("/v2", { host: "evil.example" })).rejects.toThrow("403");
  });
});

test("other WebSocket paths: 404, nonsense: 400, and the engine goes on", async () => {
  await expect(open("/other", {})).rejects.toThrow("404");
  await expect(open("//", {})).rejects.toThrow("400");
  expect((await post(one)).status).toBe(200);
});

test.each([
  ["nonsense", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
  ["a length that is too large", Buffer.from([0x7f, 0, 0, 0, 0, 3, 0, 0])],
  ["a length that is too small", Buffer.from([0, 0, 0, 1, 0, 3, 0, 0])],
])("%s in place of a log-in: an error in Postgres' words", async (_, bytes) => {
  expect(await webSocketError(`/v2?address=${new URL(branch.uri).host}`, bytes)).toContain(
    "not Postgres' protocol",
  );
});

test("a management key opens nothing here, nor a role's password there", async () => {
  const key = { "neon-connection-string": undefined, authorization: `Bearer ${engine.apiKey}` };
  expect((await post(one, key)).status).toBe(400);
  const { password } = new URL(branch.uri);
  const headers = { authorization: `Bearer ${password}` };
  expect((await fetch(`${engine.url}/projects`, { headers })).status).toBe(401);
});

function open(path: string, headers: Record<string, string>): Promise<WebSocket> {
  const socket = new WebSocket(
    `${engine.url.replace(/^http/, "ws").replace("/api/v2", "")}${path}`,
    {
      headers,
    },
  );
  return new Promise((resolve, reject) => {
    socket.once("open", () => resolve(socket));
    socket.once("error", reject);
  });
}

/** What the error message of Postgres' protocol says after a start-up packet was sent. */
async function webSocketError(
  path: string,
  first = startupMessage({ user: "x" }),
): Promise<string> {
  const socket = await open(path, {});
  const received: Buffer[] = [];
  socket.on("message", (data: Buffer) => received.push(data));
  socket.send(first);
  await once(socket, "close");
  return Buffer.concat(received).toString("utf8");
}
