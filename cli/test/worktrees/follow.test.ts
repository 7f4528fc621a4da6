import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WorktreeProject } from "./helpers/worktree-project.ts";

// What git's hooks do to the database, with the built command, the real git and a real engine.

const project = new WorktreeProject();
const { at, git, json, setUp } = project;
const config = (follow: string) =>
  `export default { project: "shop", git: { follow: "${follow}" } };\n`;

beforeAll(async () => {
  project.make(`{ project: "shop" }`);
  await project.startEngine();
  await setUp("shop", "--developer", "phil");
});
afterAll(() => project.remove());

/** Git as a person calls it: what its hooks say is on stderr. */
async function gitSays(folder: string, ...args: string[]): Promise<string> {
  const { execFile } = await import("node:child_process");
  const env = { ...process.env, DS_HOME: project.home, NO_COLOR: "1" };
  return await new Promise((done, fail) =>
    execFile("git", args, { cwd: at(folder), env }, (error, stdout, stderr) =>
      error ? fail(error) : done(stdout + stderr),
    ),
  );
}

function addMigration(name: string, sql: string): void {
  const file = at("shop", "drizzle", "meta", "_journal.json");
  const journal = JSON.parse(readFileSync(file, "utf8"));
  const idx = journal.entries.length;
  journal.entries.push({ ...journal.entries[0], idx, when: 1_760_000_000_000 + idx, tag: name });
  writeFileSync(file, JSON.stringify(journal));
  writeFileSync(at("shop", "drizzle", `${name}.sql`), sql);
  git("shop", "add", ".");
  git("shop", "commit", "--quiet", "--no-verify", `--message=${name}`);
}

test("following the worktree: the database stays, and what is pending or ahead is told", async () => {
  expect(await project.run("shop", ["git", "install"])).toMatchObject({ status: 0 });
  expect(await json("shop", ["git", "status"])).toMatchObject({
    installed: true,
    follow: "worktree",
  });
  await gitSays("shop", "switch", "--create", "more");
  addMigration("0001_more", "create table more (id int);");
  await gitSays("shop", "switch", "main");
  const said = await gitSays("shop", "switch", "more");
  expect(said).toContain("ds: 1 migration pending on dev-phil-local (0001_more): ds db migrate");
  await json("shop", ["db", "migrate"]);
  expect(await gitSays("shop", "switch", "main")).toContain(
    "dev-phil-local is ahead of this checkout",
  );
  expect(project.env("shop").DEVSTRIDE_STAGE).toBe("phil-local");
});

test("following git branches: each has a database branch, made of the one that was left, and found again", async () => {
  writeFileSync(at("shop", "ds.config.ts"), config("branch"));
  git("shop", "commit", "--quiet", "--all", "--no-verify", "--message=follow");
  expect(await json("shop", ["git", "status"])).toMatchObject({ followInstalled: "worktree" });
  expect(await project.run("shop", ["git", "install"])).toMatchObject({ status: 0 });
  await project.query("shop", "insert into words values ('main')");
  expect(await gitSays("shop", "switch", "--create", "feature/a")).toContain(
    "ds: the database follows feature/a: stage phil-feature-a-local",
  );
  expect(project.env("shop").DEVSTRIDE_STAGE).toBe("phil-feature-a-local");
  await project.query("shop", "insert into words values ('a')");
  expect(await project.words("shop")).toEqual(["a", "main"]);
  await gitSays("shop", "switch", "main");
  expect(project.env("shop").DEVSTRIDE_STAGE).toBe("phil-local");
  expect(await project.words("shop")).toEqual(["main"]);
  await gitSays("shop", "switch", "feature/a");
  expect(await project.words("shop")).toEqual(["a", "main"]);
  const { branches } = await json("shop", ["db", "branches"]);
  expect(
    branches.find(({ name }: { name: string }) => name === "dev-phil-feature-a-local"),
  ).toMatchObject({
    owner: "phil",
    parent: { name: "dev-phil-local" },
    current: true,
  });
  // A set-up keeps to the git branch that is checked out; a detached head stays where it is.
  await setUp("shop");
  expect(project.env("shop").DEVSTRIDE_STAGE).toBe("phil-feature-a-local");
  await gitSays("shop", "switch", "--detach", "main");
  expect(project.env("shop").DEVSTRIDE_STAGE).toBe("phil-feature-a-local");
});

test("names that come to one are two: feature/a and feature-a, and a worktree of that name", async () => {
  await gitSays("shop", "switch", "--create", "feature-a", "main");
  expect(project.env("shop").DEVSTRIDE_STAGE).toMatch(/^phil-feature-a-[0-9a-f]{6}-local$/);
  project.add("feature-a-tree", "-b", "tree");
  expect(await setUp("feature-a-tree")).toMatchObject({ stage: "phil-feature-a-tree-local" });
});

test("without an engine, or with a configuration that is broken, git goes on", async () => {
  await gitSays("shop", "switch", "main");
  writeFileSync(at("shop", "ds.config.ts"), "export default {");
  const said = await gitSays("shop", "checkout", "-b", "broken");
  expect(said).toContain("ds: nothing was done after this checkout");
  expect(git("shop", "symbolic-ref", "--short", "HEAD")).toBe("broken");
  mkdirSync(at("nothing"));
  expect(await project.run("shop", ["git", "hook", "pre-commit"])).toMatchObject({ status: 2 });
});
