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
let answer: (request: IncomingMessage) => { status: number; body: unknown; hang?: boolean };
const seen: { method: string; url: string; key: string | undefined; body: string }[] = [];
let host: string;

beforeEach(async () => {
  seen.length = 0;
  server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const { method = "", url = "" } = request;
    seen.push({ method, url, key: request.headers.authorization, body });
    const { status, body: reply, hang } = answer(request);
    if (hang) return;
    response.writeHead(status, { "content-type": "application/json" });
    response.end(status === 204 ? undefined : JSON.stringify(reply));
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
});

const neon = (env: Record<string, string> = {}, signal = new AbortController().signal) =>
  connectNeon({
    env: { NEON_API_HOST: host, NEON_API_KEY: "napi_testkey12345", ...env },
    engine: () => Promise.reject(new Error("the local engine is not to be asked")),
    signal,
    output: memoryOutput().output,
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
      url: "/api/v2/projects?search=shop",
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
    [403, "", "no permission", "CREDENTIALS", "API_KEY_REJECTED"],
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

  test("a read survives one failure of the server; a change is never sent again", async () => {
    let calls = 0;
    answer = () => {
      calls += 1;
      return calls === 1
        ? { status: 502, body: "<html>" }
        : { status: 200, body: { branch: { id: "br-a-b-c" }, annotation: { value: {} } } };
    };
    expect(await (await neon()).getBranch("p", "br-a-b-c")).toMatchObject({ id: "br-a-b-c" });
    answer = refuse(502, "gone");
    seen.length = 0;
    await expect((await neon()).renameProject("p", "x")).rejects.toMatchObject({
      code: "UPSTREAM",
      details: { httpStatus: 502 },
    });
    expect(seen).toHaveLength(1);
  });

  test("a change that the API has not carried out is sent again", async () => {
    let calls = 0;
    answer = () => {
      calls += 1;
      return calls <= 2
        ? refuse(calls === 1 ? 423 : 503, "not now")()
        : { status: 200, body: { branch: { id: "br-a-b-c" }, operations: [] } };
    };
    const restored = (await neon()).restoreBranch("p", "br-a-b-c", { sourceBranchId: "br-main" });
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
