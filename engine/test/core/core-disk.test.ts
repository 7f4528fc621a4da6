import { appendFileSync, existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mountTmpfs, mountXfs, tmpfs, xfs } from "../../../e2e/support/volume.ts";
import { describeWith, testWith } from "../../../scripts/test-support/needs.ts";
import { detectCloneMethod } from "../../src/storage/io/clone.ts";
import { sql, type TestBranch, TestProject } from "../support/branches.ts";
import { makeFolder } from "../support/folder.ts";
import { openTestEngine, type TestEngine } from "../support/test-engine.ts";

/** A volume that runs full; only root can make one to try it on. */
describeWith(tmpfs, "a full disk", () => {
  let folder: string;
  let volume: ReturnType<typeof mountTmpfs>;
  let engine: TestEngine;
  let project: TestProject;
  let branch: TestBranch;

  beforeAll(async () => {
    folder = makeFolder();
    volume = mountTmpfs(join(folder, "small"), "500M");
    engine = await openTestEngine({ home: join(volume.path, "home") });
    project = await TestProject.create(engine, { history_retention_seconds: 0 });
    await sql(
      project.main.uri,
      "create table filler as select repeat('x', 1000) from generate_series(1, 20000)",
    );
    branch = await project.branch("there-before");
    await sql(branch.uri, "create table mine as select 1 as one");
  });

  afterAll(async () => {
    await engine?.close();
    volume.unmount();
    rmSync(folder, { recursive: true });
  });

  /** A server that found the disk full may be starting anew by itself. */
  const isServed = () => answers(branch, "select one from mine");
  const answers = ({ uri }: TestBranch, query: string) =>
    expect.poll(() => sql(uri, query).catch((error: Error) => error.message)).toEqual([{ one: 1 }]);
  const directories = () => readdirSync(join(engine.home, "data", "pgdata")).length;
  const ballast = () => join(volume.path, "ballast");

  /** Leaves this many MB on the volume, once what was thrown away is gone. */
  async function fillUp(left: number): Promise<void> {
    await expect.poll(() => readdirSync(join(engine.home, "data", "trash"))).toEqual([]);
    const free = 500 - Math.ceil(volume.used() / 2 ** 20);
    writeFileSync(ballast(), Buffer.alloc(Math.max(0, free - left) * 2 ** 20, 1));
  }

  test("create says so, leaves nothing, and succeeds once there is space", async () => {
    await engine.call(200, "GET", `/projects/${project.id}`);
    const before = directories();
    await fillUp(25);
    const { code } = await project.call<{ code: string }>(507, "POST", "/branches", {
      branch: { name: "too-much" },
      endpoints: [{ type: "read_write" }],
    });
    expect(code).toBe("DISK_FULL");
    expect((await project.list()).map(({ name }) => name)).not.toContain("too-much");
    await expect.poll(directories).toBe(before);
    await isServed();
    rmSync(ballast());
    await answers(project.main, "select 1 as one");
    const made = await project.branch("too-much");
    expect(await sql(made.uri, "select count(*)::int as n from filler")).toEqual([{ n: 20000 }]);
    await project.delete(made);
  });

  test("restore says so, and the branch is as it was", async () => {
    const before = directories();
    await fillUp(25);
    const { code } = await project.restore(branch, project.main, undefined, 507);
    expect(code).toBe("DISK_FULL");
    await expect.poll(directories).toBe(before);
    await isServed();
    rmSync(ballast());
    await project.restore(branch, project.main);
    await expect(sql(branch.uri, "select one from mine")).rejects.toMatchObject({ code: "42P01" });
  });

  test("an engine starts on a full disk, and what nobody needs can be deleted", async () => {
    await fillUp(40);
    await engine.stop();
    fillWholly(join(volume.path, "rest"));
    engine = await openTestEngine({ home: engine.home });
    project = new TestProject(engine, project.id, project.main);
    const before = volume.used();
    await project.delete(branch);
    await expect.poll(() => before - volume.used()).toBeGreaterThan(10 * 2 ** 20);
    rmSync(join(volume.path, "rest"));
    rmSync(ballast());
    expect(await sql(project.main.uri, "select 1 as one")).toEqual([{ one: 1 }]);
    await engine.stop();
    engine = await openTestEngine({ home: engine.home });
    expect(existsSync(join(engine.home, "reserve")), "it is there for the next time").toBe(true);
  });
});

/** To the last byte. */
function fillWholly(path: string): void {
  for (const bytes of [2 ** 20, 2 ** 12]) {
    try {
      for (;;) appendFileSync(path, Buffer.alloc(bytes, 1));
    } catch (error) {
      expect(error).toMatchObject({ code: "ENOSPC" });
    }
  }
}

testWith(xfs, "a full volume is still one that shares blocks", async () => {
  const folder = makeFolder();
  const volume = mountXfs(join(folder, "full"), 320 * 2 ** 20);
  try {
    expect(await detectCloneMethod(volume.path)).toBe("reflink");
    expect(() => writeFileSync(join(volume.path, "ballast"), Buffer.alloc(320 * 2 ** 20))).toThrow(
      "ENOSPC",
    );
    expect(await detectCloneMethod(volume.path)).toBe("reflink");
  } finally {
    volume.unmount();
    rmSync(folder, { recursive: true });
  }
});
