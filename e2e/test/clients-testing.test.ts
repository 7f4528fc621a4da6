import { makeNeonTesting } from "neon-testing";
import { afterAll, describe, expect, test } from "vitest";
import { query } from "../support/database.ts";
import { NeonMachine } from "../support/neon.ts";

/** neon-testing: a branch for this very file, made before its tests and deleted after them. */

// It asks for the project while tests are still being collected, and so the engine has to be there.
const machine = await new NeonMachine().start();
let project = "";
try {
  await machine.text("projects", "create", "--name", "tested");
  project = await machine.api.projectId("tested");
  const main = await machine.url(project, "main");
  await query(main, "create table notes (id int primary key); insert into notes values (1)");
} catch (error) {
  await machine.close();
  throw error;
}

// Hooks after tests run in the order last to first: this sees what the library's own have left.
afterAll(async () => {
  try {
    expect((await machine.api.branches(project)).map(({ name }) => name)).toEqual(["main"]);
  } finally {
    await machine.close();
  }
});

const neonTesting = makeNeonTesting({ apiKey: machine.api.key, projectId: project });
neonTesting.api.instance.defaults.baseURL = machine.api.url;

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
