import { makeNeonTesting } from "neon-testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { query } from "../support/database.ts";
import { NeonMachine } from "../support/neon.ts";

/** neon-testing: a branch for this very file, made before its tests and deleted after them. */

const machine = new NeonMachine();
let project = "";

// It wants key and project while tests are still being collected, when there is no engine yet: its requests get the real ones.
const neonTesting = makeNeonTesting({ apiKey: "later", projectId: "of-the-engine" });
neonTesting.api.instance.interceptors.request.use((request) => {
  request.baseURL = machine.api.url;
  request.url = String(request.url).replace("/of-the-engine", `/${project}`);
  request.headers.set("Authorization", `Bearer ${machine.api.key}`);
  return request;
});

beforeAll(async () => {
  await machine.start();
  project = await machine.createProject("tested");
  const main = await machine.url(project, "main");
  await query(main, "create table notes (id int primary key); insert into notes values (1)");
});

// Hooks after tests run in the order last to first: this sees what the library's own have left.
afterAll(async () => {
  try {
    expect((await machine.api.branches(project)).map(({ name }) => name)).toEqual(["main"]);
  } finally {
    await machine.close();
  }
});

describe("neon-testing", () => {
  const getBranch = neonTesting({ endpoint: "direct" });

  test("DATABASE_URL leads to a branch of this file, with main's rows and an expiry", async () => {
    const branch = getBranch();
    if (branch === undefined) throw new Error("neon-testing has made no branch");
    expect(branch.name).toMatch(/^test\//);
    expect(Date.parse(branch.expires_at ?? "")).toBeGreaterThan(Date.now());
    const url = process.env.DATABASE_URL ?? "";
    await query(url, "insert into notes values (2)");
    expect(await query(url, "select id from notes order by id")).toEqual([{ id: 1 }, { id: 2 }]);
    const [at] = await query(url, "select current_setting('neon.branch_id') as id");
    expect(at).toEqual({ id: branch.id });
    const main = await query(await machine.url(project, "main"), "select id from notes");
    expect(main).toEqual([{ id: 1 }]);
  });
});

describe("neon-testing with schemaOnly, kept", () => {
  neonTesting({ schemaOnly: true, deleteBranch: false });

  test("no rows; deleteAllTestBranches finds it by its annotation", async () => {
    const url = process.env.DATABASE_URL ?? "";
    expect(await query(url, "select id from notes")).toEqual([]);
    await neonTesting.deleteAllTestBranches();
    expect((await machine.api.branches(project)).map(({ name }) => name)).toEqual(["main"]);
    await expect(query(url, "select 1")).rejects.toThrow();
  });
});
