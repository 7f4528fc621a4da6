import { createNeonClient, raw } from "@neon/sdk";
import { neonConfig } from "@neondatabase/serverless";
import { NeonToolkit } from "@neondatabase/toolkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { limits } from "../../scripts/test-support/limits.ts";
import { longRun, testWith } from "../../scripts/test-support/needs.ts";
import { query } from "../support/database.ts";
import { NeonMachine } from "../support/neon.ts";

/** Neon's libraries for programs, as they are published; engine/test has their single calls. */
describe("neon's libraries", () => {
  const machine = new NeonMachine();

  beforeAll(() => machine.start());

  // Where a volume shares no blocks, the many branches of a long run take minutes to remove.
  afterAll(() => machine.close());

  const sdk = () =>
    createNeonClient({ apiKey: machine.api.key, baseUrl: machine.api.url, throwOnError: true });
  const ids = async (url: string) =>
    (await query<{ id: number }>(url, "select id from notes order by id")).map(({ id }) => id);

  test("@neon/sdk: createAndConnect, waitFor, compareSchema, resetFromParent", async () => {
    const neon = sdk();
    const { project, connectionString: main } = await neon.projects.createAndConnect({
      name: "sdk",
    });
    const projectId = project.id;
    await query(main, "create table notes (id int primary key); insert into notes values (1)");
    const { branch, connectionString: url } = await neon.branches.createAndConnect({
      projectId,
      name: "feature",
      parentId: (await neon.branches.getDefault({ projectId })).id,
    });
    const branchId = branch.id;
    await query(url, "insert into notes values (2); alter table notes add column body text");
    expect([await ids(main), await ids(url)]).toEqual([[1], [1, 2]]);
    const schema = await neon.branches.compareSchema({
      projectId,
      branchId,
      databaseName: "neondb",
    });
    expect(schema.diff).toMatch(/^\+\s+body text$/m);

    await query(main, "insert into notes values (3)");
    await neon.branches.resetFromParent({ projectId, branchId }, { waitForReadiness: true });
    expect(await ids(url)).toEqual([1, 3]);

    // A call that does not wait by itself: its operations are waited for, and are then finished.
    const { data } = await raw.createProjectBranch({
      client: neon.client,
      path: { project_id: projectId },
      body: { branch: { name: "raw" }, endpoints: [{ type: "read_write" }] },
    });
    const operations = data?.operations ?? [];
    expect(operations.length).toBeGreaterThan(0);
    await neon.operations.waitFor({ operations }, { timeoutMs: 60_000 });
    for (const { id } of operations) {
      const operation = await neon.operations.get({ projectId, operationId: id });
      expect(operation.status).toBe("finished");
    }
    expect(await ids(data?.connection_uris?.[0]?.connection_uri ?? "")).toEqual([1, 3]);
    await neon.projects.delete({ projectId });
    await expect(query(main, "select 1")).rejects.toThrow();
  });

  test("@neondatabase/toolkit: createProject, a branch, sql, deleteProject", async () => {
    // Its one argument is the key, so the address is set on the client that it shows.
    const toolkit = new NeonToolkit(machine.api.key);
    toolkit.apiClient.instance.defaults.baseURL = machine.api.url;
    neonConfig.fetchEndpoint = (host, port) => `http://${host}:${port}/sql`;
    const project = await toolkit.createProject({ name: "toolkit" });
    await toolkit.sql(project, "create table notes (id int primary key)");
    await toolkit.sql(project, "insert into notes values (1)");
    expect(await toolkit.sql(project, "select id from notes")).toEqual([{ id: 1 }]);

    const { data } = await toolkit.apiClient.createProjectBranch(project.project.id, {
      branch: { name: "feature" },
      endpoints: [{ type: "read_write" as never }],
    });
    const onBranch = { ...project, connectionURIs: data.connection_uris ?? [] };
    await toolkit.sql(onBranch, "insert into notes values (2)");
    expect(await toolkit.sql(onBranch, "select count(*)::int as n from notes")).toEqual([{ n: 2 }]);
    const uri = project.connectionURIs[0]?.connection_uri ?? "";
    expect(await ids(uri)).toEqual([1]);
    await toolkit.deleteProject(project);
    await expect(query(uri, "select 1")).rejects.toThrow();
  });

  testWith(
    longRun,
    "@neon/sdk: .all() over 120 branches and 25 projects ends, each once",
    { timeout: limits.longTest },
    async () => {
      const neon = sdk();
      const { id: projectId } = await neon.projects.create({ name: "many" });
      const expected = ["main"];
      for (let n = 1; n < 120; n++) {
        expected.push(
          (await neon.branches.create({ projectId, name: `b${n}`, noCompute: true })).name,
        );
      }
      const branches = await neon.branches.list({ projectId }).all();
      expect(branches.map(({ name }) => name).sort()).toEqual(expected.sort());

      const projects = [projectId];
      while (projects.length < 25) {
        projects.push((await neon.projects.create({ name: `p${projects.length}` })).id);
      }
      const listed = (await neon.projects.list().all()).map(({ id }) => id);
      expect(listed.sort()).toEqual(projects.sort());
    },
  );
});
