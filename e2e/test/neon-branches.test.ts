import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { limits } from "../../scripts/test-support/limits.ts";
import { moment } from "../../scripts/test-support/moment.ts";
import { longRun, psql, testWith } from "../../scripts/test-support/needs.ts";
import type { Branch } from "../support/api.ts";
import { count, query } from "../support/database.ts";
import { NeonMachine } from "../support/neon.ts";
import { succeeded } from "../support/run.ts";

/** `neon branches ...`: the official command line, unmodified, on a fresh engine. */
describe("neon branches", () => {
  const machine = new NeonMachine();
  let project: string;

  beforeAll(async () => {
    await machine.start();
    project = await machine.createProject("shop");
    const notes = "create table notes (id int primary key, body text)";
    await query(await url("main"), `${notes}; insert into notes values (1, 'of main')`);
  });

  // Where a volume shares no blocks, the many branches of a long run take minutes to remove.
  afterAll(() => machine.close());

  const url = (branch: string) => machine.url(project, branch);
  const rows = async (branch: string) => count(await url(branch), "notes");
  const names = async () => (await machine.api.branches(project)).map(({ name }) => name).sort();
  const pgdata = () => readdirSync(join(machine.sandbox.home, "data/pgdata"));
  const create = (name: string, ...more: string[]) =>
    machine.json<{ branch: Branch; endpoints: unknown[]; connection_uris: unknown[] }>(
      ...["branches", "create", "--name", name, ...more],
    );
  /** Without endpoints the branch itself is all that is printed. */
  const createBare = (name: string, ...more: string[]) =>
    machine.json<Branch>("branches", "create", "--name", name, "--no-compute", ...more);

  test("create: branch, endpoint and connection string; a second of the name is refused", async () => {
    const created = await create("f1");
    expect(created.branch).toMatchObject({ name: "f1", default: false });
    expect(created.branch.id).toMatch(/^br-[a-z0-9]+-[a-z0-9]+-[a-z0-9]+$/);
    expect(created.endpoints).toHaveLength(1);
    expect(created.connection_uris).toEqual([
      expect.objectContaining({ connection_uri: await url("f1") }),
    ]);
    expect(await machine.refusal("branches", "create", "--name", "f1")).toContain("already exists");
    expect(await names()).toEqual(["f1", "main"]);
  });

  testWith(psql, "psql, also --fallback: 1; main sees no row of the branch", async () => {
    await create("p0", "--parent", "main");
    const before = await rows("main");
    for (const more of [[], ["--fallback"]]) {
      expect(await machine.text("psql", "p0", ...more, "--", "-Atc", "select 1")).toBe("1");
    }
    const insert = "insert into notes values (2, 'of p0')";
    await machine.text("psql", "p0", "--", "-c", insert);
    await machine.text("psql", "p0", "--fallback", "--", "-c", insert.replace("2", "3"));
    expect([await rows("p0"), await rows("main")]).toEqual([before + 2, before]);
    await machine.text("branches", "delete", "p0");
  });

  test("reset --parent: the same string, rows gone, last_reset_at set", async () => {
    await query(await url("f1"), "insert into notes values (4, 'of f1')");
    await query(await url("main"), "insert into notes values (10, 'of main, later')");
    const before = await machine.text("cs", "f1");
    const reset = await machine.json<Branch>("branches", "reset", "f1", "--parent");
    expect(Date.parse(reset.last_reset_at ?? "")).toBeGreaterThan(Date.now() - 120_000);
    expect(await machine.text("cs", "f1")).toBe(before);
    const ids = await query(await url("f1"), "select id from notes order by id");
    expect(ids).toEqual([{ id: 1 }, { id: 10 }]);
  });

  test("schema-diff and diff: exactly the line of an ALTER", async () => {
    await query(await url("f1"), "alter table notes add column pinned boolean");
    const changed = (text: string) =>
      text.split("\n").filter((line) => /^[+-](?![+-]{2} )/.test(line));
    const [schemaDiff, reverse, diff, none] = await Promise.all([
      machine.text("branches", "schema-diff", "main", "f1"),
      machine.text("branches", "schema-diff", "f1", "main"),
      machine.text("diff", "main", "--branch", "f1"),
      machine.text("branches", "schema-diff", "main", "main"),
    ]);
    const line = ["-    body text", "+    body text,", "+    pinned boolean"];
    expect(changed(schemaDiff)).toEqual(line);
    expect(changed(diff)).toEqual(line);
    expect(changed(reverse)).toEqual(["-    body text,", "-    pinned boolean", "+    body text"]);
    expect(changed(none)).toEqual([]);
  });

  test("restore: to another branch's head, to an earlier moment of itself", async () => {
    const f1 = await url("f1");
    const id = (await machine.branch(project, "f1")).id;
    await query(f1, "insert into notes values (5, 'before')");
    const then = await moment();
    await query(f1, "drop table notes");
    await machine.text(
      "branches",
      "restore",
      "f1",
      `^self@${then}`,
      "--preserve-under-name",
      "f1-x",
    );
    expect(await count(f1, "notes where id = 5")).toBe(1);
    // As on Neon the preserved state has no address until it is given one.
    await machine.text("branches", "add-compute", "f1-x", "--type", "read_write");
    await expect(rows("f1-x")).rejects.toThrow(/"notes" does not exist/);
    expect((await machine.branch(project, "f1")).id).toBe(id);

    // Its preserved state is now its parent, and goes with neither the restore nor the branch.
    await machine.text("branches", "restore", "f1", "main");
    expect(await count(f1, "notes where id = 5")).toBe(0);
    expect(await rows("f1")).toBe(2);
  });

  test("rename, get, set-expiration, set-default", async () => {
    const { id } = await machine.branch(project, "f1");
    await machine.text("branches", "rename", "f1", "renamed");
    const past = new Date(Date.now() - 60_000).toISOString();
    const [byId, byName, gone, taken] = await Promise.all([
      machine.json<Branch>("branches", "get", id),
      machine.json<Branch>("branches", "get", "renamed"),
      machine.refusal("branches", "get", "f1"),
      machine.refusal("branches", "rename", "renamed", "main"),
      machine.refusal("branches", "set-expiration", "renamed", "--expires-at", past),
    ]);
    expect(byName).toEqual(byId);
    expect(byId.name).toBe("renamed");
    expect(gone).toContain("f1");
    expect(taken).toContain("exists");

    const expiry = new Date(Date.now() + 3_600_000).toISOString();
    const expiring = () => machine.json<{ expires_at?: string }>("branches", "get", "renamed");
    await machine.text("branches", "set-expiration", "renamed", "--expires-at", expiry);
    expect(Date.parse((await expiring()).expires_at ?? "")).toBe(Date.parse(expiry));
    await machine.text("branches", "set-expiration", "renamed");
    expect(await expiring()).not.toHaveProperty("expires_at");

    await machine.text("branches", "set-default", "renamed");
    const defaults = async () =>
      (await machine.api.branches(project)).filter((branch) => branch.default);
    expect((await defaults()).map(({ name }) => name)).toEqual(["renamed"]);
    // Without --parent a branch is made from the default one.
    expect((await createBare("of-default")).parent_id).toBe(id);
    await machine.refusal("branches", "delete", "renamed");
    await machine.text("branches", "set-default", "main");
    expect((await defaults()).map(({ name }) => name)).toEqual(["main"]);
    await machine.text("branches", "delete", "of-default");
    await machine.text("branches", "rename", "renamed", "f1");
  });

  test("create: without compute and add-compute; schema only; protected; expiring; its settings", async () => {
    const expiry = new Date(Date.now() + 3_600_000).toISOString();
    const [noString] = await Promise.all([
      createBare("bare").then(() => machine.refusal("cs", "bare")),
      createBare("kept", "--protected"),
      create("empty", "--schema-only"),
    ]);
    expect(noString).toContain("No  endpoint found");
    const added = await machine.json<{ host: string }>(
      ...["branches", "add-compute", "bare", "--type", "read_write"],
    );
    expect(await machine.text("cs", "bare")).toContain(`@${added.host}/`);
    expect(await rows("bare")).toBe(2);
    const replica = await machine.json<{ host: string; type: string }>(
      ...["branches", "add-compute", "bare", "--type", "read_only"],
    );
    expect(replica.type).toBe("read_only");
    const readOnly = ["bare", "--endpoint-type", "read_only"] as const;
    expect(await machine.text("cs", ...readOnly)).toContain(`@${replica.host}/`);

    expect(await rows("empty")).toBe(0);
    const made = await create(
      ...(["soon", "--expires-at", expiry, "--suspend-timeout", "60", "--cu", "0.25-1"] as const),
    );
    expect(made.branch).toMatchObject({ expires_at: expect.stringContaining(expiry.slice(0, 19)) });
    expect(made.endpoints).toEqual([
      expect.objectContaining({ suspend_timeout_seconds: 60, autoscaling_limit_max_cu: 1 }),
    ]);
    expect(await machine.refusal("branches", "delete", "kept")).toContain("protected");
  });

  test("delete: not main, not a parent; a leaf, and then nothing of it is on disk or running", async () => {
    expect(await machine.refusal("branches", "delete", "main")).not.toBe("");
    await create("child", "--parent", "f1");
    expect(await machine.refusal("branches", "delete", "f1")).toMatch(/child/);
    expect(await rows("child")).toBe(2);
    const running = () => machine.sandbox.processes().filter(({ command }) => / -D /.test(command));
    const [before, processes] = [pgdata(), running().length];
    await machine.text("branches", "delete", "child");
    expect(await names()).not.toContain("child");
    await expect.poll(() => pgdata().length).toBe(before.length - 1);
    await expect.poll(() => running().length).toBeLessThan(processes);
    expect(pgdata()).toHaveLength((await names()).length);
  });

  test("two creates at once: both succeed", async () => {
    await Promise.all([create("p1"), create("p2")]);
    expect(await names()).toEqual(expect.arrayContaining(["p1", "p2"]));
    expect([await rows("p1"), await rows("p2")]).toEqual([2, 2]);
  });

  testWith(
    longRun,
    "120 branches: get and checkout find the oldest",
    { timeout: limits.longTest },
    async () => {
      const oldest = await createBare("oldest");
      const made = await machine.api.branches(project);
      for (let n = made.length; n < 120; n++) {
        const response = await fetch(`${machine.api.url}/projects/${project}/branches`, {
          method: "POST",
          headers: { authorization: `Bearer ${machine.api.key}` },
          body: JSON.stringify({ branch: { name: `many-${n}` } }),
        });
        expect(response.status).toBe(201);
      }
      expect(await machine.json<Branch>("branches", "get", "oldest")).toMatchObject({
        id: oldest.id,
      });
      await machine.text("checkout", "oldest", "--no-env-pull", "--project-id", project);
      const listed = await machine.json<Branch[]>("branches", "list");
      expect(listed.length).toBeGreaterThanOrEqual(100);
    },
  );

  test("output for people names the branch", async () => {
    const listed = succeeded(await machine.neon("branches", "list")).stdout;
    expect(listed).toMatch(/\[default\] main\s+br-/);
    expect(listed).toMatch(/\[protected\] kept\s+br-/);
  });
});
