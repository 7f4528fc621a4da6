import { mkdirSync, renameSync, rmSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { limits } from "../../../scripts/test-support/limits.ts";
import { WorktreeProject } from "./helpers/worktree-project.ts";

// Situations of git by commands: of each the stage that is decided, and that every command goes by it.

const project = new WorktreeProject();
const { at, git, json } = project;

type Made = string | [folder: string, env: Record<string, string>];

interface Situation {
  name: string;
  /** Makes it, and gives the folder, with variables that commands run with. */
  make: () => Made | Promise<Made>;
  stage: string | RegExp;
  /** Where git's hooks cannot be: the reason. */
  noHooks?: string;
}

const added = (name: string, ...options: string[]) => project.add(name, ...options);

const situations: Situation[] = [
  { name: "the main worktree", make: () => "shop", stage: "phil-local" },
  { name: "a linked worktree", make: () => added("linked"), stage: "phil-linked-local" },
  {
    name: "moved by git",
    make: () => {
      git("shop", "worktree", "move", at(added("mover")), at("moved"));
      return "moved";
    },
    stage: "phil-mover-local",
  },
  {
    name: "renamed by hand, and repaired",
    make: () => {
      renameSync(at(added("renamer")), at("renamed"));
      git("shop", "worktree", "repair", at("renamed"));
      return "renamed";
    },
    stage: "phil-renamer-local",
  },
  {
    name: "pruned while it was away, and back in its place",
    make: async () => {
      await project.setUp(added("pruned"));
      renameSync(at("pruned"), at("away"));
      git("shop", "worktree", "prune");
      renameSync(at("away"), at("pruned"));
      return "pruned";
    },
    stage: "phil-pruned-local",
    noHooks: "NO_CHECKOUT",
  },
  { name: "detached", make: () => added("loose", "--detach"), stage: "phil-loose-local" },
  {
    name: "nested in the main worktree",
    make: () => added("shop/.worktrees/nested"),
    stage: "phil-nested-local",
  },
  {
    name: "a worktree of a worktree's branch",
    make: () => {
      git("linked", "worktree", "add", "--quiet", "-b", "of-linked", at("grandchild"), "linked");
      return "grandchild";
    },
    stage: "phil-grandchild-local",
  },
  {
    name: "of a bare repository",
    make: () => {
      git(".", "clone", "--quiet", "--bare", at("shop"), at("bare.git"));
      git("bare.git", "worktree", "add", "--quiet", at("of-bare"), "main");
      return "of-bare";
    },
    stage: "phil-of-bare-local",
  },
  {
    name: "another clone",
    make: () => {
      git(".", "clone", "--quiet", at("shop"), at("clone"));
      return "clone";
    },
    stage: "phil-local",
  },
  {
    name: "a submodule",
    make: () => {
      git("shop", "submodule", "--quiet", "add", at("clone"), "library");
      return "shop/library";
    },
    stage: "phil-local",
  },
  {
    name: "GIT_DIR of another one is set",
    make: () => ["linked", { GIT_DIR: at("shop", ".git"), GIT_WORK_TREE: at("shop") }],
    stage: "phil-linked-local",
  },
  {
    name: "a folder of the worktree",
    make: () => {
      mkdirSync(at("linked", "packages"));
      return "linked/packages";
    },
    stage: "phil-linked-local",
  },
];

beforeAll(async () => {
  project.make();
  await project.startEngine();
  await project.setUp("shop", "--developer", "phil");
  await json("shop", ["db", "create", "other"]);
}, limits.longTest);
afterAll(() => project.remove());

test.each(situations)(
  "$name",
  async ({ make, stage, noHooks }) => {
    const made = await make();
    const [folder, env = {}] = typeof made === "string" ? [made] : made;
    const run = (...args: string[]) => json(folder, args, env);
    expect(await run("setup")).toMatchObject({ stage });
    expect(await run("db", "status")).toMatchObject({ stage, envFile: { pointsHere: true } });
    expect(await run("db", "reset", "--yes")).toMatchObject({ branch: { name: `dev-${stage}` } });
    expect(await run("db", "use", "other")).toMatchObject({ stage: "other", before: stage });
    expect(await run("db", "status")).toMatchObject({ stage: "other" });
    expect(await run("db", "use", "-")).toMatchObject({ stage });
    const hooks = await run("git", "install");
    if (noHooks !== undefined) return expect(hooks.error).toMatchObject({ reason: noHooks });
    expect(hooks).not.toHaveProperty("error");
    expect(await run("git", "status")).toMatchObject({ installed: true });
    expect(await run("git", "uninstall")).toMatchObject({ wasInstalled: true });
  },
  limits.longTest,
);

test("a clone without git: its own stage, and no hooks", async () => {
  git(".", "clone", "--quiet", at("shop"), at("plain"));
  rmSync(at("plain", ".git"), { recursive: true });
  // Nothing says that it is the same repository: that has to be said.
  expect((await json("plain", ["setup"])).error).toMatchObject({ code: "REFUSED" });
  expect((await json("plain", ["git", "install"])).error).toHaveProperty("reason");
});
