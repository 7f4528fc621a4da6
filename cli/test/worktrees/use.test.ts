import { readFileSync, statSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WorktreeProject } from "./helpers/worktree-project.ts";

// What is done to branches of one's own by hand: create, use, rename, protect, snapshots. On a real engine.

const project = new WorktreeProject();
const { at, json, setUp } = project;
const url = (folder: string) => project.env(folder).DATABASE_URL;

beforeAll(async () => {
  project.make(`{ project: "shop", stages: { staging: { branch: "shared-data" } } }`);
  await project.startEngine();
  await setUp("shop", "--developer", "phil");
  await project.query("shop", "insert into words values ('main')");
  await json("shop", ["db", "create", "once", "--from", "dev-phil-local"]);
  project.add("annas");
  await setUp("annas", "--developer", "anna");
  await json("annas", ["db", "create", "of-anna"]);
});
afterAll(() => project.remove());

describe("ds db create, use", () => {
  test("--if-absent makes a branch once, also of several at once", async () => {
    const args = ["db", "create", "several", "--from", "main", "--if-absent"];
    const made = await Promise.all([1, 2, 3].map(() => json("shop", args)));
    expect(made.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(made.map(({ branch }) => branch.id)).size).toBe(1);
    expect((await json("shop", args.slice(0, -1))).error).toMatchObject({
      reason: "BRANCH_NAME_TAKEN",
    });
  });

  test("there and back: the env file keeps its other lines, and the branch its data", async () => {
    const own = url("shop");
    writeFileSync(at("shop", ".env"), `# mine\n${readFileSync(at("shop", ".env"), "utf8")}A=1\n`);
    const used = await json("shop", ["db", "use", "once"]);
    expect(used).toMatchObject({
      stage: "once",
      branch: { name: "once" },
      before: "phil-local",
      envFile: { changed: true },
    });
    expect(readFileSync(at("shop", ".env"), "utf8")).toMatch(/^# mine\n[\s\S]*A=1\n$/);
    expect(statSync(at("shop", ".env")).mode & 0o777).toBe(0o600);
    expect(await project.words("shop")).toEqual(["main"]);
    await project.query("shop", "insert into words values ('once')");
    expect(await json("shop", ["db", "status"])).toMatchObject({
      stage: "once",
      developer: "phil",
      envFile: { pointsHere: true },
    });
    expect(await json("shop", ["db", "use", "-"])).toMatchObject({ stage: "phil-local" });
    expect(url("shop")).toBe(own);
    expect(await project.words("shop")).toEqual(["main"]);
    expect(await json("shop", ["db", "use", "-"])).toMatchObject({ stage: "once" });
    expect(await json("shop", ["db", "use", "once"])).toMatchObject({
      envFile: { changed: false },
    });
    expect(await setUp("shop")).toMatchObject({ stage: "phil-local" });
    expect(url("shop")).toBe(own);
  });

  test("a branch made by hand is a target: looked at, reset, undone", async () => {
    const target = ["--target", "once", "--yes"];
    expect(await json("shop", ["db", "reset", ...target])).toMatchObject({
      branch: { name: "once" },
    });
    expect(await json("shop", ["db", "undo", ...target])).toMatchObject({ status: "undone" });
    const { url: direct } = await json("shop", ["db", "url", "--target", "once"]);
    expect(direct).toContain("postgresql://");
  });

  test("create --use; a linked worktree may be pointed at the main one's on purpose", async () => {
    project.add("feature");
    await setUp("feature");
    const made = await json("feature", ["db", "create", "mine", "--use"]);
    expect(made).toMatchObject({ created: true, envFile: { changed: true } });
    expect(await json("feature", ["db", "status"])).toMatchObject({ stage: "mine" });
    expect(await json("feature", ["db", "use", "phil-local"])).toMatchObject({ before: "mine" });
    expect(await json("feature", ["db", "status"])).toMatchObject({ stage: "phil-local" });
    expect(url("feature")).toBe(url("shop"));
    expect(await setUp("feature")).toMatchObject({ stage: "phil-feature-local" });
  });

  test("what is not one's own is refused, and the env file stays as it is", async () => {
    await json("shop", ["db", "create", "shared-data"]);
    await json("shop", ["db", "create", "guarded"]);
    expect(await json("shop", ["db", "protect", "guarded"])).toMatchObject({ changed: true });
    const before = readFileSync(at("shop", ".env"), "utf8");
    for (const [name, reason] of [
      ["main", "STAGE_IS_SHARED"],
      ["staging", "STAGE_IS_SHARED"],
      ["shared-data", "STAGE_IS_SHARED"],
      ["guarded", "BRANCH_PROTECTED"],
      ["anna-annas-local", "NOT_OWN_BRANCH"],
      ["dev-anna-annas-local", "NOT_OWN_BRANCH"],
      ["of-anna", "NOT_OWN_BRANCH"],
      ["no-such", "BRANCH_NOT_FOUND"],
      ["nobody", "STAGE_UNKNOWN"],
    ] as const) {
      expect((await json("shop", ["db", "use", name])).error, name).toMatchObject({ reason });
    }
    const reset = ["db", "reset", "--yes", "--target"];
    for (const name of ["of-anna", "guarded", "shared-data"]) {
      expect((await json("shop", [...reset, name])).error, name).toMatchObject({ code: "REFUSED" });
    }
    expect(readFileSync(at("shop", ".env"), "utf8")).toBe(before);
  });

  test("- where there is nothing before", async () => {
    project.add("fresh");
    expect((await json("fresh", ["db", "use", "-"])).error).toMatchObject({
      reason: "NOTHING_BEFORE",
    });
  });
});

describe("ds db rename, protect", () => {
  test("recovery points go with it, and the env file follows", async () => {
    await json("shop", ["db", "create", "old", "--use"]);
    await project.query("shop", "insert into words values ('kept')");
    await json("shop", ["db", "reset", "--yes"]);
    const address = url("shop");
    const renamed = await json("shop", ["db", "rename", "old", "new"]);
    expect(renamed).toMatchObject({
      branch: { name: "new" },
      from: "old",
      envFile: { changed: true },
    });
    expect(renamed.recoveryPoints[0]).toMatch(/^new-before-reset-/);
    expect(url("shop")).toBe(address);
    expect(await json("shop", ["db", "status"])).toMatchObject({ stage: "new" });
    await json("shop", ["db", "undo", "--yes"]);
    expect(await project.words("shop")).toEqual(["kept"]);
    await setUp("shop");
  });

  test.each([
    ["main", "x", "BRANCH_IS_DEFAULT"],
    ["once", "of-anna", "BRANCH_NAME_TAKEN"],
    ["once", "dev-anna-local", "NAME_RESERVED"],
    ["once", "anna-local", "NAME_RESERVED"],
    ["of-anna", "x", "NOT_OWN_BRANCH"],
    ["no-such", "x", "BRANCH_NOT_FOUND"],
  ])("%s to %s: refused", async (from, to, reason) => {
    expect((await json("shop", ["db", "rename", from, to])).error).toMatchObject({ reason });
  });

  test("protected: not reset, deleted or renamed; unprotected, it can be", async () => {
    await json("shop", ["db", "create", "new", "--if-absent"]);
    await json("shop", ["db", "protect", "new"]);
    expect(await json("shop", ["db", "protect", "new"])).toMatchObject({ changed: false });
    for (const args of [
      ["reset", "--target", "new", "--yes"],
      ["delete", "new", "--yes"],
      ["rename", "new", "newer"],
    ]) {
      const { error } = await json("shop", ["db", ...args]);
      expect(error, args[0]).toMatchObject({ code: "REFUSED", reason: "BRANCH_PROTECTED" });
    }
    expect((await json("shop", ["db", "unprotect", "new"])).error.code).toBe(
      "CONFIRMATION_REQUIRED",
    );
    const unprotected = await json("shop", ["db", "unprotect", "new", "--yes"]);
    expect(unprotected).toMatchObject({ branch: { protected: false }, changed: true });
    expect((await json("shop", ["db", "unprotect", "main", "--yes"])).error.reason).toBe(
      "BRANCH_IS_DEFAULT",
    );
    expect(await json("shop", ["db", "delete", "new", "--yes"])).toHaveProperty("deleted");
  });
});

describe("ds db snapshot", () => {
  test("saved, listed, brought back with the same address, undone, deleted", async () => {
    const address = url("shop");
    const { snapshot } = await json("shop", ["db", "snapshot", "save", "before"]);
    expect((await json("shop", ["db", "snapshot", "save", "before"])).error).toMatchObject({
      reason: "SNAPSHOT_NAME_TAKEN",
    });
    await project.query("shop", "truncate words");
    expect((await json("shop", ["db", "snapshot", "list"])).snapshots).toMatchObject([
      { id: snapshot.id, name: "before", branch: { name: "dev-phil-local" } },
    ]);
    expect((await json("shop", ["db", "snapshot", "restore", "before"])).error.code).toBe(
      "CONFIRMATION_REQUIRED",
    );
    const restored = await json("shop", ["db", "snapshot", "restore", "before", "--yes"]);
    expect(restored).toMatchObject({ status: "restored", branch: { name: "dev-phil-local" } });
    expect(restored.recoveryPoint.name).toMatch(/-before-restore-/);
    expect(url("shop")).toBe(address);
    expect(await project.words("shop")).toEqual(["main"]);
    const { branches } = await json("shop", ["db", "branches"]);
    const preview = branches.find(({ name }: { name: string }) => name.startsWith("snapshot-of"));
    // The branch hangs on it as long as it has its data, and no longer.
    expect(preview.expiresAt).toBeTruthy();
    await json("shop", ["db", "undo", "--yes"]);
    expect(await project.words("shop")).toEqual([]);
    expect((await json("shop", ["db", "snapshot", "delete", "before"])).error.code).toBe(
      "CONFIRMATION_REQUIRED",
    );
    await json("shop", ["db", "snapshot", "delete", "before", "--yes"]);
    expect(
      (await json("shop", ["db", "snapshot", "restore", "before", "--yes"])).error,
    ).toMatchObject({
      reason: "SNAPSHOT_NOT_FOUND",
    });
  });

  test("of main one can be taken, but not put in its place; another developer's is not deleted", async () => {
    await json("shop", ["db", "snapshot", "save", "of-main", "--target", "main", "--ttl", "2h"]);
    const restore = ["db", "snapshot", "restore", "of-main", "--target", "main", "--yes"];
    expect((await json("shop", restore)).error).toMatchObject({ reason: "STAGE_IS_SHARED" });
    expect(
      (await json("shop", ["db", "snapshot", "delete", "of-main", "--yes"])).error,
    ).toMatchObject({
      code: "REFUSED",
    });
    await json("annas", ["db", "snapshot", "save", "annas"]);
    expect(
      (await json("shop", ["db", "snapshot", "delete", "annas", "--yes"])).error,
    ).toMatchObject({
      reason: "NOT_OWN_BRANCH",
    });
  });
});
