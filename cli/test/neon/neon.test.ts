import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { until } from "../../../scripts/test-support/until.ts";
import { connectNeon } from "../../src/neon/io/client.ts";
import { memoryOutput } from "../helpers/memory-output.ts";

// How answers of the API that a real engine gives rarely or never reach a person. Everything else is
// tested against the engine.

let server: Server;
let answer: (request: IncomingMessage) => {
  status: number;
  body: unknown;
  hang?: boolean;
  headers?: Record<string, string>;
};
const seen: { method: string; url: string; key: string | undefined; body: string }[] = [];
let host: string;

beforeEach(async () => {
  seen.length = 0;
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const { method = "", url = "" } = request;
    seen.push({ method, url, key: request.headers.authorization, body });
    const { status, body: reply, hang, headers } = answer(request);
    if (hang) return;
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(status === 204 ? undefined : JSON.stringify(reply));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

/** It waits for half a second, where a test does not say otherwise. */
const neon = (
  env: Record<string, string> = {},
  signal = new AbortController().signal,
  { waitMs = 500, output = memoryOutput().output } = {},
) =>
  connectNeon({
    env: { NEON_API_HOST: host, NEON_API_KEY: "napi_testkey12345", ...env },
    engine: () => Promise.reject(new Error("the local engine is not to be asked")),
    signal,
    waitMs,
    output,
  });
const refuse =
  (status: number, message: string, code = "") =>
  () => ({
    status,
    body: { request_id: "r", code, message },
  });

describe("where the API is", () => {
  test.each(["", "/", "/api/v2", "/api/v2/"])("NEON_API_HOST with %j at its end", async (end) => {
    answer = () => ({ status: 200, body: { projects: [], pagination: { cursor: "" } } });
    expect(await (await neon({ NEON_API_HOST: host + end })).listProjects("shop")).toEqual([]);
    expect(seen[0]).toMatchObject({
      method: "GET",
      url: "/api/v2/projects?search=shop&limit=400",
      key: "Bearer napi_testkey12345",
    });
  });

  test.each([
    [{ NEON_API_HOST: "console.neon.tech" }, "CONFIG_INVALID", "API_HOST_INVALID"],
    [{ NEON_API_HOST: "file:///etc" }, "CONFIG_INVALID", "API_HOST_INVALID"],
    [{ NEON_API_HOST: "http://api.example.com" }, "CONFIG_INVALID", "API_HOST_UNENCRYPTED"],
    [{ NEON_API_KEY: "" }, "CREDENTIALS", "API_KEY_MISSING"],
  ])("%j: %s, %s", async (env, code, reason) => {
    await expect(neon(env)).rejects.toMatchObject({ code, reason });
  });

  test("nothing listens there: UPSTREAM, naming it", async () => {
    const api = await neon({ NEON_API_HOST: "http://127.0.0.1:1" });
    await expect(api.listProjects()).rejects.toMatchObject({
      code: "UPSTREAM",
      reason: "API_UNREACHABLE",
      message: expect.stringContaining("http://127.0.0.1:1/api/v2"),
    });
  });
});

describe("refusals keep the API's own sentence under this program's codes", () => {
  test.each([
    [401, "", "invalid key", "CREDENTIALS", "API_KEY_REJECTED"],
    [403, "", "no permission", "CREDENTIALS", "API_KEY_FORBIDDEN"],
    [404, "", "branch not found", "NOT_FOUND", undefined],
    [404, "BRANCH_NOT_FOUND", "branch not found", "NOT_FOUND", "BRANCH_NOT_FOUND"],
    [409, "", "branch with that name already exists", "CONFLICT", undefined],
    [409, "BRANCH_ALREADY_EXISTS", "branch already exists", "CONFLICT", "BRANCH_NAME_TAKEN"],
    [422, "BRANCH_HAS_CHILDREN", "no", "REFUSED", "BRANCH_HAS_CHILDREN"],
    [422, "", "the branch is protected", "REFUSED", "BRANCH_PROTECTED"],
    [422, "", "the default branch cannot be deleted", "REFUSED", "BRANCH_IS_DEFAULT"],
    [422, "", "expires_at must be in the future", "UPSTREAM", undefined],
    [422, "", "expires_at of child-benefits must be in the future", "UPSTREAM", undefined],
    [500, "", "internal", "UPSTREAM", undefined],
    [507, "DISK_FULL", "no space left on the volume", "UPSTREAM", "DISK_FULL"],
  ])("%d %j %s -> %s, %s", async (status, apiCode, message, code, reason) => {
    answer = refuse(status, message, apiCode);
    const api = await neon();
    const details = { httpStatus: status, ...(apiCode ? { apiCode } : {}) };
    for (const call of [
      () => api.deleteBranch("p", "br-a-b-c"),
      () => api.getBranch("p", "br-a-b-c"),
    ]) {
      const failure = { code, reason, message: expect.stringContaining(message), details };
      await expect(call()).rejects.toMatchObject(failure);
    }
  });

  test("423 is tried again, then LOCKED", async () => {
    answer = refuse(423, "project already has running conflicting operations");
    await expect((await neon()).getBranch("p", "br-a-b-c")).rejects.toMatchObject({
      code: "LOCKED",
    });
    expect(seen.length).toBeGreaterThan(1);
  });

  test("a read, and a change that can be made twice, survive failures of the server", async () => {
    let calls = 0;
    answer = ({ method }) => {
      calls += 1;
      if (calls % 2 === 1) return { status: 502, body: "<html>" };
      return method === "PATCH"
        ? { status: 200, body: { project: {}, operations: [] } }
        : { status: 200, body: { branch: { id: "br-a-b-c" }, annotation: { value: {} } } };
    };
    expect(await (await neon()).getBranch("p", "br-a-b-c")).toMatchObject({ id: "br-a-b-c" });
    await (await neon()).renameProject("p", "x");
    answer = refuse(502, "gone");
    await expect((await neon()).renameProject("p", "x")).rejects.toMatchObject({
      code: "UPSTREAM",
      details: { httpStatus: 502 },
    });
  });

  test("a change that the API has not carried out is sent again", async () => {
    let calls = 0;
    answer = () => {
      calls += 1;
      return calls <= 2
        ? refuse(calls === 1 ? 423 : 503, "not now")()
        : { status: 200, body: { branch: { id: "br-a-b-c" }, operations: [] } };
    };
    const restored = (await neon({}, undefined, { waitMs: 5_000 })).restoreBranch("p", "br-a-b-c", {
      sourceBranchId: "br-main",
      preserveUnderName: "kept",
    });
    expect(await restored).toMatchObject({ id: "br-a-b-c" });
    expect(seen).toHaveLength(3);
  });

  test.each([
    ["no JSON", "<html>"],
    ["another document", { hello: "world" }],
  ])("an answer that is %s: UPSTREAM, and never an empty list", async (_, body) => {
    answer = () => ({ status: 200, body });
    await expect((await neon()).listBranches("p")).rejects.toMatchObject({ code: "UPSTREAM" });
  });

  test("a change returns when its operations are over", async () => {
    let polls = 0;
    answer = ({ method, url = "" }) => {
      const operation = { id: "op-1", project_id: "p" };
      if (method === "POST") {
        const running = { ...operation, status: "running" };
        return { status: 201, body: { branch: { id: "br-new" }, operations: [running] } };
      }
      expect(url).toContain("/operations/op-1");
      polls += 1;
      const status = polls === 2 ? "finished" : "running";
      return { status: 200, body: { operation: { ...operation, status } } };
    };
    expect(await (await neon()).createBranch("p", { name: "new" })).toMatchObject({ id: "br-new" });
    expect(polls).toBe(2);
  });

  test("the key is in no error", async () => {
    answer = refuse(401, "bad");
    const error = await (await neon()).listProjects().catch((reason: Error) => reason);
    expect(`${String(error)} ${JSON.stringify(error)}`).not.toContain("napi_testkey");
  });
});

test.each([
  ["is refused", refuse(412, "Storing passwords is disabled")],
  [
    "comes without it",
    () => ({ status: 200, body: { uri: "postgresql://me@ep-x.neon.tech/neondb" } }),
  ],
])("a connection string whose password is not stored %s", async (_, reply) => {
  answer = reply;
  const input = { branchId: "br-a", database: "neondb", role: "me", pooled: false };
  await expect((await neon()).connectionUrl("p", input)).rejects.toMatchObject({
    code: "PREREQUISITE_MISSING",
    reason: "PASSWORD_NOT_STORED",
  });
});

describe("an answer that is lost", () => {
  const branch = { id: "br-new", name: "new", parent_id: "br-main", project_id: "p" };
  const main = { id: "br-main", name: "main", project_id: "p" };
  const list = (...branches: object[]) => ({
    status: 200,
    body: { branches, annotations: {}, pagination: {} },
  });
  const operation = { id: "op-1", project_id: "p", branch_id: "br-new", action: "create_branch" };

  test("of a creation: what it made is found, and waited for", async () => {
    let polls = 0;
    answer = ({ method, url = "" }) => {
      if (method === "POST") return { status: 504, body: "<html>" };
      if (url.includes("/operations/op-1")) polls += 1;
      const status = polls < 2 ? "running" : "finished";
      if (url.includes("/operations/"))
        return { status: 200, body: { operation: { ...operation, status } } };
      if (url.includes("/operations")) {
        return { status: 200, body: { operations: [{ ...operation, status: "scheduling" }] } };
      }
      return list(main, branch);
    };
    const made = await (await neon()).createBranch("p", { name: "new", parentId: "br-main" });
    expect(made).toMatchObject({ id: "br-new" });
    expect(polls).toBe(2);
    expect(seen.filter(({ method }) => method === "POST")).toHaveLength(1);
  });

  test("of a creation that has not happened: it is asked for again", async () => {
    let posts = 0;
    answer = ({ method }) => {
      if (method !== "POST") return list(main);
      posts += 1;
      return posts === 1
        ? { status: 502, body: "<html>" }
        : { status: 201, body: { branch, operations: [] } };
    };
    const api = await neon({}, undefined, { waitMs: 5_000 });
    expect(await api.createBranch("p", { name: "new" })).toMatchObject({ id: "br-new" });
    expect(posts).toBe(2);
  });

  test("of a creation that came through while it was asked for again", async () => {
    let posts = 0;
    answer = ({ method, url = "" }) => {
      if (url.includes("/operations")) return { status: 200, body: { operations: [] } };
      if (method !== "POST") return posts < 2 ? list(main) : list(main, branch);
      posts += 1;
      return posts === 1
        ? { status: 502, body: "<html>" }
        : { status: 409, body: { code: "", message: "branch with that name already exists" } };
    };
    const api = await neon({}, undefined, { waitMs: 5_000 });
    expect(await api.createBranch("p", { name: "new" })).toMatchObject({ id: "br-new" });
  });

  test("of a creation, and somebody else has the name: that is a conflict", async () => {
    let posts = 0;
    answer = ({ method }) => {
      if (method !== "POST") return list(main, { ...branch, parent_id: "br-other" });
      posts += 1;
      return posts === 1
        ? { status: 502, body: "<html>" }
        : { status: 409, body: { code: "", message: "branch with that name already exists" } };
    };
    const api = await neon({}, undefined, { waitMs: 5_000 });
    const creation = api.createBranch("p", { name: "new", parentId: "br-main" });
    await expect(creation).rejects.toMatchObject({ code: "CONFLICT" });
  });

  test.each([
    ["nothing has happened", () => list(main), "unchanged"],
    ["nobody can look", () => ({ status: 502, body: "<html>" }), "unknown"],
  ])("for good, and %s: it says so", async (_, looked, outcome) => {
    answer = ({ method }) => (method === "POST" ? { status: 502, body: "<html>" } : looked());
    const creation = (await neon()).createBranch("p", { name: "new" });
    await expect(creation).rejects.toMatchObject({ code: "UPSTREAM", details: { outcome } });
  });

  test("of a deletion: what is gone was deleted", async () => {
    answer = ({ method }) => (method === "DELETE" ? { status: 500, body: {} } : list(main));
    await (await neon()).deleteBranch("p", "br-new");
    expect(seen.filter(({ method }) => method === "DELETE")).toHaveLength(1);
  });

  test("of a restore: the state before is kept, so it has happened", async () => {
    answer = ({ method, url = "" }) => {
      if (method === "POST") return { status: 504, body: "<html>" };
      if (url.includes("/operations")) return { status: 200, body: { operations: [] } };
      return list(main, branch, { ...branch, id: "br-kept", name: "kept" });
    };
    const input = { sourceBranchId: "br-main", preserveUnderName: "kept" };
    expect(await (await neon()).restoreBranch("p", "br-new", input)).toMatchObject({
      id: "br-new",
    });
  });
});

describe("operations that are waited for", () => {
  const operation = { id: "op-1", project_id: "p", action: "start_compute" };
  const made = (status: string) => ({
    status: 201,
    body: { branch: { id: "br-new" }, operations: [{ ...operation, status }] },
  });

  test("a poll that is refused for a while, and a status that nobody knows", async () => {
    let polls = 0;
    answer = ({ method }) => {
      if (method === "POST") return made("queued-for-takeoff");
      polls += 1;
      if (polls < 3) return { status: 429, body: { code: "", message: "too many requests" } };
      return { status: 200, body: { operation: { ...operation, status: "finished" } } };
    };
    const api = await neon({}, undefined, { waitMs: 5_000 });
    expect(await api.createBranch("p", { name: "new" })).toMatchObject({ id: "br-new" });
  });

  test("a poll that is refused for good: creating has not failed, its end is not known", async () => {
    answer = ({ method }) => (method === "POST" ? made("running") : refuse(429, "too many")());
    const creation = (await neon()).createBranch("p", { name: "new" });
    await expect(creation).rejects.toMatchObject({
      reason: "RATE_LIMITED",
      details: { outcome: "unknown" },
      message: expect.stringContaining("has begun"),
    });
  });

  test("one that fails, or is over when it is looked at", async () => {
    answer = ({ method }) => (method === "POST" ? made("running") : refuse(404, "gone")());
    expect(await (await neon()).createBranch("p", { name: "new" })).toMatchObject({ id: "br-new" });
    answer = () => made("failed");
    const creation = (await neon()).createBranch("p", { name: "new" });
    await expect(creation).rejects.toMatchObject({
      code: "UPSTREAM",
      details: { outcome: "unknown" },
    });
  });
});

test("Retry-After is obeyed, and a long wait is said once", async () => {
  let asked = 0;
  const { output, text } = memoryOutput();
  answer = () => {
    asked += 1;
    return asked < 3
      ? { status: 429, body: { code: "", message: "too many" }, headers: { "retry-after": "2" } }
      : { status: 200, body: { projects: [], pagination: {} } };
  };
  const began = performance.now();
  expect(await (await neon({}, undefined, { waitMs: 60_000, output })).listProjects()).toEqual([]);
  expect(performance.now() - began).toBeGreaterThan(2_000);
  expect(text.err.match(/Waiting for the API/g)).toHaveLength(1);
});

test("a wait that would be longer than is waited for ends at once", async () => {
  answer = () => ({
    status: 429,
    body: { code: "", message: "too many" },
    headers: { "retry-after": "3600" },
  });
  await expect((await neon()).listProjects()).rejects.toMatchObject({
    reason: "RATE_LIMITED",
    message: expect.stringContaining("3600s"),
  });
});

test("many questions at once, and nothing is warned of", async () => {
  answer = ({ url }) => ({
    status: 200,
    body: { branch: { id: url, name: "b" }, annotation: { value: {} } },
  });
  const warnings: string[] = [];
  const onWarning = ({ message }: Error) => warnings.push(message);
  process.on("warning", onWarning);
  const api = await neon();
  await Promise.all(Array.from({ length: 30 }, (_, n) => api.getBranch("p", `br-${n}`)));
  // A warning comes in the next tick.
  await setImmediate();
  process.off("warning", onWarning);
  expect(seen).toHaveLength(30);
  expect(warnings).toEqual([]);
});

test("Ctrl-C ends a call that hangs", async () => {
  answer = () => ({ status: 200, body: {}, hang: true });
  const stop = new AbortController();
  const call = (await neon({}, stop.signal)).listProjects();
  await until("the call", () => seen.length === 1);
  stop.abort();
  await expect(call).rejects.toMatchObject({ code: "INTERRUPTED" });
});

test("Ctrl-C waits for a change that has begun, and none begins after it", async () => {
  const stop = new AbortController();
  answer = () => {
    stop.abort();
    return { status: 200, body: { project: {}, operations: [] } };
  };
  const api = await neon({}, stop.signal);
  await api.renameProject("p", "new");
  expect(stop.signal.aborted).toBe(true);
  await expect(api.renameProject("p", "newer")).rejects.toMatchObject({ code: "INTERRUPTED" });
  expect(seen).toHaveLength(1);
});

test("a body arrives whole, and an empty answer is fine", async () => {
  answer = () => ({ status: 204, body: undefined });
  await (await neon()).deleteBranch("p", "br-a-b-c");
  const name = "größe 🌳".repeat(50);
  answer = () => ({ status: 200, body: { project: {}, operations: [] } });
  await (await neon()).renameProject("p", name);
  expect(JSON.parse(seen.at(-1)?.body ?? "")).toEqual({ project: { name } });
});

describe("questions asked in advance", () => {
  const branch = (name: string) => ({
    status: 200,
    body: { branch: { id: "br-a-b-c", name }, annotation: { value: {} } },
  });
  const question = "/projects/p/branches/br-a-b-c";

  test("the answer serves one question; the next is asked again", async () => {
    answer = () => branch("first");
    const api = await neon();
    api.prefetch([question]);
    expect(await api.getBranch("p", "br-a-b-c")).toMatchObject({ name: "first" });
    expect(seen).toHaveLength(1);
    expect(api.answered()).toEqual([question]);
    answer = () => branch("second");
    expect(await api.getBranch("p", "br-a-b-c")).toMatchObject({ name: "second" });
  });

  test("after a change they are asked again", async () => {
    answer = () => branch("before");
    const api = await neon();
    api.prefetch([question]);
    answer = () => ({ status: 200, body: { project: {}, operations: [] } });
    await api.renameProject("p", "new");
    answer = () => branch("after");
    expect(await api.getBranch("p", "br-a-b-c")).toMatchObject({ name: "after" });
  });

  test("one that was refused is asked again, and the refusal is the second one's", async () => {
    answer = refuse(500, "in advance");
    const api = await neon();
    api.prefetch([question, "/projects/p/branches/br-gone"]);
    // Each of them is asked the quick way first, and then the patient one.
    await until("all that they ask", () => seen.length === 4);
    answer = refuse(404, "branch not found");
    await expect(api.getBranch("p", "br-a-b-c")).rejects.toMatchObject({
      code: "NOT_FOUND",
      details: { httpStatus: 404 },
    });
    expect(api.answered()).toEqual([]);
  });
});
