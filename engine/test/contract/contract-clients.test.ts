import { createNeonClient } from "@neon/sdk";
import { createApiClient } from "@neondatabase/api-client";
import pg from "pg";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestEngine, type TestEngine } from "../support/test-engine.ts";
import { validatingFetch } from "../support/validating-fetch.ts";

/** Neon's own clients, unmodified, against the engine. */

let engine: TestEngine;

beforeAll(async () => {
  engine = await openTestEngine();
});

afterAll(() => engine?.close());

async function answersOne(uri: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: uri });
  await client.connect();
  const { rows } = await client.query("select 1 as one");
  await client.end();
  return rows[0].one === 1;
}

const sdk = () =>
  createNeonClient({
    apiKey: engine.apiKey,
    baseUrl: engine.url,
    fetch: validatingFetch(),
    throwOnError: true,
    waitForReadiness: true,
  });

test("@neon/sdk: from an empty engine to a reset branch", async () => {
  const neon = sdk();
  const { project, connectionString } = await neon.projects.createAndConnect({ name: "sdk" });
  expect(await answersOne(connectionString)).toBe(true);
  const projectId = project.id;

  const {
    branch,
    endpoint,
    connectionString: uri,
  } = await neon.branches.createAndConnect({
    projectId,
    name: "feature",
    compute: { minCu: 0.25, maxCu: 1, suspendTimeoutSeconds: 60 },
  });
  expect(await answersOne(uri)).toBe(true);
  expect(endpoint.suspend_timeout_seconds).toBe(60);
  expect(
    await neon.postgres.connectionString({ projectId, branchId: branch.id, pooled: true }),
  ).toBe(uri);

  const reset = await neon.branches.resetFromParent({ projectId, branchId: branch.id });
  expect(reset.last_reset_at).toBeDefined();
  expect(await answersOne(uri)).toBe(true);
  expect((await neon.branches.getDefault({ projectId })).name).toBe("main");

  await expect(neon.branches.create({ projectId, name: "main" })).rejects.toMatchObject({
    status: 409,
    code: "BRANCH_ALREADY_EXISTS",
    requestId: expect.stringMatching(/./),
  });
  await expect(
    neon.branches.get({ projectId, branchId: "br-no-such-12345678" }),
  ).rejects.toMatchObject({ kind: "not_found" });
  await neon.branches.delete({ projectId, branchId: branch.id });
  await neon.branches.delete({ projectId, branchId: branch.id });
});

test("@neon/sdk: walking every list ends, with each item once", async () => {
  const neon = sdk();
  const [project] = await neon.projects.list({}).all();
  const projectId = project?.id ?? "";
  for (const name of ["one", "two", "three"]) {
    await neon.branches.create({ projectId, name, noCompute: true });
  }
  for (const limit of [1, 2, 4, 5]) {
    const names = (await neon.branches.list({ projectId, limit }).all()).map((each) => each.name);
    expect(names.sort()).toEqual(["main", "one", "three", "two"]);
    const ids = (await neon.projects.list({ limit }).all()).map(({ id }) => id);
    expect(ids).toEqual([projectId]);
  }
  const operations = await neon.operations.list({ projectId }).all();
  expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length);
});

test("@neon/sdk: a wrong key is an authentication error", async () => {
  const neon = createNeonClient({ apiKey: "wrong", baseUrl: engine.url, throwOnError: true });
  await expect(neon.projects.list({}).all()).rejects.toMatchObject({ kind: "auth", status: 401 });
});

test("@neondatabase/api-client: a branch with an endpoint, and its URI", async () => {
  const api = createApiClient({ apiKey: engine.apiKey, baseURL: engine.url });
  const { data: list } = await api.listProjects({});
  const projectId = list.projects[0]?.id ?? "";
  const { data: created } = await api.createProjectBranch(projectId, {
    branch: { name: "by-api-client" },
    endpoints: [{ type: "read_write" as never }],
  });
  const { data: connection } = await api.getConnectionUri({
    projectId,
    branch_id: created.branch.id,
    database_name: "neondb",
    role_name: "neondb_owner",
  });
  expect(created.connection_uris?.[0]?.connection_uri).toBe(connection.uri);
  expect(await answersOne(connection.uri)).toBe(true);
  const { data: password } = await api.getProjectBranchRolePassword(
    projectId,
    created.branch.id,
    "neondb_owner",
  );
  expect(new URL(connection.uri).password).toBe(password.password);
  const { status } = await api.deleteProjectBranch({
    projectId,
    branchId: created.branch.id,
  });
  expect(status).toBe(200);
});
