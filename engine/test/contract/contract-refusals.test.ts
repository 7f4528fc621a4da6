import { expect, test } from "vitest";
import { listen } from "../../src/api/io/listen.ts";
import { createServer } from "../../src/api/io/server.ts";
import type { ControlPlane } from "../../src/control-plane/api.ts";
import { validatingFetch } from "../support/validating-fetch.ts";

/** What is refused by its form alone must not reach the control plane: this one takes no call. */
const untouchable = new Proxy({} as ControlPlane, {
  get(_, name) {
    if (name === "then") return undefined;
    return () => {
      throw new Error(`the control plane was asked for ${String(name)}`);
    };
  },
});

const apiKey = "key-of-the-test";
const logged: string[] = [];

function server(controlPlane: ControlPlane | Promise<ControlPlane> = untouchable) {
  const app = createServer(controlPlane, {
    apiKey,
    isMadeKey: () => false,
    version: "0.0.0-test",
    log: (line) => logged.push(line),
    stop: () => {},
  });
  return validatingFetch((request) => app.fetch(request));
}

async function ask(
  method: string,
  path: string,
  options: { body?: unknown; headers?: Record<string, string> } = {},
) {
  const { body, headers } = options;
  const response = await server()(`http://localhost/api/v2${path}`, {
    method,
    headers: { authorization: `Bearer ${apiKey}`, ...headers },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  return {
    response,
    error: (await response.json()) as { request_id: string; code: string; message: string },
  };
}

test.each([
  ["no key", {}],
  ["a wrong key", { authorization: "Bearer key-of-the-tesT" }],
  ["a prefix of the key", { authorization: "Bearer key" }],
  ["another scheme", { authorization: `Basic ${apiKey}` }],
  ["an empty key", { authorization: "Bearer " }],
])("401 for %s", async (_, headers) => {
  const response = await server()("http://localhost/api/v2/projects", { headers });
  expect(response.status).toBe(401);
  const text = await response.text();
  expect(JSON.parse(text)).toMatchObject({ code: "API_KEY_INVALID" });
  expect(text).not.toContain(apiKey);
});

test.each(["evil.example", "localhost.evil.example:80", "127.0.0.1.evil.example", "[::2]:24117"])(
  "403 for the host %s, key or not",
  async (host) => {
    const { response, error } = await ask("GET", "/users/me", { headers: { host } });
    expect(response.status).toBe(403);
    expect(error.code).toBe("HOST_NOT_ALLOWED");
  },
);

test.each(["localhost:24117", "127.0.0.1", "[::1]:80", "LOCALHOST"])("serves %s", async (host) => {
  const { response } = await ask("GET", "/nothing", { headers: { host } });
  expect(response.status).toBe(404);
});

test.each([
  ["GET", "/projects/p/branches/br-a-b-c/data-api/neondb"],
  ["POST", "/projects/p/branches/br-a-b-c/recover"],
  ["GET", "/nothing"],
])("%s %s does not exist", async (method, path) => {
  const { response, error } = await ask(method, path);
  expect(response.status).toBe(404);
  expect(error.code).toBe("ROUTE_NOT_FOUND");
  // Neon's clients read only this wording as "absent".
  expect(error.message).toBe("this route does not exist");
});

test("a known path with another method is 405 and names those that are allowed", async () => {
  const { response, error } = await ask("PUT", "/projects/p");
  expect(response.status).toBe(405);
  expect(error.code).toBe("METHOD_NOT_ALLOWED");
  expect(response.headers.get("allow")).toBe("GET, PATCH, DELETE");
});

test("the request id is echoed when sane, and made otherwise", async () => {
  const echoed = await ask("GET", "/nothing", { headers: { "x-request-id": "abc-123" } });
  expect(echoed.error.request_id).toBe("abc-123");
  expect(echoed.response.headers.get("x-request-id")).toBe("abc-123");
  const made = await ask("GET", "/nothing", { headers: { "x-request-id": "a b<script>" } });
  expect(made.error.request_id).toMatch(/^[0-9a-f-]{36}$/);
});

test("413 for a body over 1 MiB, announced or streamed", async () => {
  const large = JSON.stringify({ branch: { name: "x".repeat(1024 * 1024) } });
  const { response, error } = await ask("POST", "/projects/p/branches", { body: large });
  expect(response.status).toBe(413);
  expect(error.code).toBe("BODY_TOO_LARGE");
  const streamed = await server()("http://localhost/api/v2/projects/p/branches", {
    method: "POST",
    headers: { authorization: `Bearer ${apiKey}` },
    body: new Blob([large]).stream(),
    duplex: "half",
  } as RequestInit);
  expect(streamed.status).toBe(413);
});

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

test.each<[string, string, unknown, string]>([
  ["POST", "/projects", "{", "not valid JSON"],
  ["POST", "/projects", [], "expected object"],
  ["POST", "/projects", undefined, "project:"],
  ["POST", "/projects", { project: { name: "" } }, "project.name: must not be empty"],
  ["POST", "/projects", { project: { name: "x".repeat(257) } }, "at most 256"],
  ["POST", "/projects", { project: { pg_version: 13 } }, "project.pg_version"],
  ["POST", "/projects", { project: { history_retention_seconds: -1 } }, "must not be negative"],
  ["POST", "/projects", { project: { branch: { role_name: "ä".repeat(32) } } }, "63 bytes"],
  [
    "POST",
    "/projects",
    { project: { default_endpoint_settings: { pg_settings: { "a b": "1" } } } },
    "pg_settings",
  ],
  ["POST", "/projects", { project: { branch: { role_name: "cloud_admin" } } }, "reserved"],
  ["POST", "/projects", { project: { branch: { database_name: "postgres" } } }, "every server"],
  ["PATCH", "/projects/p", {}, "project:"],
  ["POST", "/projects/p/branches", { branch: { name: "br-a-b-c1" } }, "form of a branch id"],
  ["POST", "/projects/p/branches", { branch: { name: "a\nb" } }, "control characters"],
  ["POST", "/projects/p/branches", { branch: { name: "a\u009b2J" } }, "control characters"],
  ["POST", "/projects/p/branches", { branch: { name: "a\u202eb" } }, "how it is shown"],
  ["PATCH", "/projects/p/branches/b", { branch: { name: "a\u2066b" } }, "how it is shown"],
  ["POST", "/projects", { project: { name: "a\u200fb" } }, "how it is shown"],
  [
    "POST",
    "/projects/p/branches/b/databases",
    { database: { name: "a\u061cb", owner_name: "o" } },
    "how it is shown",
  ],
  ["POST", "/projects/p/branches", { branch: { name: 7 } }, "branch.name"],
  ["POST", "/projects/p/branches", { branch: { parent_id: "../main" } }, "must be an id"],
  ["POST", "/projects/p/branches", { branch: { parent_lsn: "latest" } }, "must be an LSN"],
  ["POST", "/projects/p/branches", { branch: { parent_timestamp: "yesterday" } }, "RFC 3339"],
  ["POST", "/projects/p/branches", { branch: { init_source: "magic" } }, "init_source"],
  ["POST", "/projects/p/branches", { branch: { expires_at: "2026-02-30T00:00:00Z" } }, "RFC 3339"],
  ["POST", "/projects/p/branches", { branch: { expires_at: inDays(-1) } }, "in the future"],
  ["POST", "/projects/p/branches", { branch: { expires_at: inDays(31) } }, "30 days"],
  ["POST", "/projects/p/branches", { endpoints: [{}] }, "endpoints.0.type"],
  [
    "POST",
    "/projects/p/branches",
    {
      endpoints: [{ type: "read_write", autoscaling_limit_min_cu: 2, autoscaling_limit_max_cu: 1 }],
    },
    "must not be above",
  ],
  ["POST", "/projects/p/branches", { annotation_value: { a: 1 } }, "annotation_value.a"],
  ["PATCH", "/projects/p/branches/b", { branch: { expires_at: "soon" } }, "branch.expires_at"],
  ["POST", "/projects/p/branches/b/restore", {}, "source_branch_id"],
  ["POST", "/projects/p/endpoints", { endpoint: { type: "read_write" } }, "endpoint.branch_id"],
  [
    "PATCH",
    "/projects/p/endpoints/e",
    { endpoint: { suspend_timeout_seconds: 604_801 } },
    "at most 604800",
  ],
  [
    "PATCH",
    "/projects/p/endpoints/e",
    { endpoint: { settings: { pg_settings: { Port: "1" } } } },
    "engine's own",
  ],
  ["POST", "/projects/p/branches/b/roles", { role: {} }, "role.name"],
  ["POST", "/projects/p/branches/b/roles", { role: { name: "pg_mine" } }, "reserved"],
  ["POST", "/projects/p/branches/b/roles", { role: { name: "a\u0000" } }, "control characters"],
  ["POST", "/projects/p/branches/b/roles", { role: { name: "a\u0085" } }, "control characters"],
  ["POST", "/projects/p/branches/b/databases", { database: { name: "x" } }, "owner_name"],
  ["GET", "/projects?limit=0", undefined, "from 1 to 400"],
  ["GET", "/projects?limit=ten", undefined, "whole number"],
  ["GET", "/projects/p/branches?sort_by=size", undefined, "sort_by"],
  ["GET", "/projects/p/branches?limit=10001", undefined, "from 1 to 10000"],
  ["GET", "/projects/p/operations?limit=1001", undefined, "from 1 to 1000"],
  ["GET", "/projects/p/connection_uri?role_name=r", undefined, "database_name: is required"],
])("400 for %s %s %j, naming what is wrong", async (method, path, body, message) => {
  const { response, error } = await ask(method, path, { body });
  expect(response.status).toBe(400);
  const bodyCode = body === "{" ? "BODY_NOT_JSON" : "BODY_INVALID";
  expect(error.code).toBe(method === "GET" ? "QUERY_INVALID" : bodyCode);
  expect(error.message).toContain(message);
});

test.each([
  ["GET", "/projects/A%2F..%2Fb", "PROJECT_NOT_FOUND"],
  ["DELETE", "/projects/p/branches/..%2Fmain", "BRANCH_NOT_FOUND"],
  ["GET", "/projects/p/endpoints/EP", "ENDPOINT_NOT_FOUND"],
  ["GET", `/projects/p/branches/b/roles/${"r".repeat(64)}`, "ROLE_NOT_FOUND"],
  ["DELETE", "/projects/p/branches/b/databases/a%00b", "DATABASE_NOT_FOUND"],
  ["GET", "/projects/p/operations/1", "OPERATION_NOT_FOUND"],
])("404 for %s %s, before it reaches a path or SQL", async (method, path, code) => {
  const { response, error } = await ask(method, path);
  expect(response.status).toBe(404);
  expect(error.code).toBe(code);
});

test("an unexpected failure says nothing but where to look; the log holds no secret", async () => {
  const failing = new Proxy({} as ControlPlane, {
    get: (_, name) =>
      name === "then"
        ? undefined
        : () => {
            throw new Error("cannot reach postgresql://me:hunter2@localhost/db with npg_abc123");
          },
  });
  const response = await server(failing)("http://localhost/api/v2/projects/p/branches", {
    headers: { authorization: `Bearer ${apiKey}`, "x-request-id": "find-me" },
  });
  expect(response.status).toBe(500);
  const text = await response.text();
  expect(JSON.parse(text)).toMatchObject({ code: "INTERNAL_ERROR" });
  expect(text).not.toMatch(/hunter2|cannot reach/);
  const line = logged.find((entry) => entry.includes("find-me"));
  expect(line).toContain("cannot reach");
  expect(line).not.toMatch(/hunter2|npg_abc123/);
});

test("requests wait for a control plane that is still on its way", async () => {
  let resolve: (controlPlane: ControlPlane) => void = () => {};
  const app = server(
    new Promise((settle) => {
      resolve = settle;
    }),
  );
  let answered = false;
  const response = app("http://localhost/health").then((answer) => {
    answered = true;
    return answer;
  });
  // One that needs no control plane, and was asked after it.
  expect((await app("http://localhost/api/v2/projects")).status).toBe(401);
  expect(answered).toBe(false);
  resolve({ homeId: "home-1" } as ControlPlane);
  expect(await (await response).json()).toEqual({
    homeId: "home-1",
    pid: process.pid,
    version: "0.0.0-test",
  });
});

test("over a socket: stop is called after its answer, and close ends open connections", async () => {
  let stopped = 0;
  const app = createServer(untouchable, {
    apiKey,
    isMadeKey: () => false,
    version: "0.0.0-test",
    log: (line) => logged.push(line),
    stop: () => {
      stopped += 1;
    },
  });
  const listening = await listen(app);
  const url = `http://127.0.0.1:${listening.port}`;
  await expect(listen(app, { port: listening.port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  expect((await fetch(`${url}/engine/stop`, { method: "POST" })).status).toBe(401);
  expect(stopped).toBe(0);
  const headers = { authorization: `Bearer ${apiKey}` };
  const answer = await fetch(`${url}/engine/stop`, { method: "POST", headers });
  expect(answer.status).toBe(202);
  await expect.poll(() => stopped).toBe(1);
  await listening.close();
  await expect(fetch(url)).rejects.toThrow();
});
