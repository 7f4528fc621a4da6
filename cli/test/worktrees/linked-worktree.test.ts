import { cpSync, mkdirSync, realpathSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { isWorktreeThere, linkedWorktree } from "../../src/lib/git/io/linked-worktree.ts";
import { withScratchFolder } from "../helpers/scratch.ts";
import { git } from "./helpers/git.ts";

// Which worktree a folder is in, as the real git makes them.

const scratch = withScratchFolder();
let base = "";
const at = (...parts: string[]) => join(base, ...parts);

function repository(name: string): string {
  mkdirSync(at(name, "packages", "db"), { recursive: true });
  git(at(name), "init", "--quiet", "--initial-branch=main");
  writeFileSync(at(name, "packages", "db", "file"), name);
  git(at(name), "add", ".");
  git(at(name), "commit", "--quiet", "--message=first");
  return at(name);
}

let made = 0;
beforeEach(() => {
  base = join(realpathSync(scratch.path), `${made++}`);
  mkdirSync(base);
  repository("shop");
  git(at("shop"), "worktree", "add", "--quiet", at("feature"));
});

test("a linked worktree, and any folder in it; not the main one, nor a folder without git", () => {
  expect(linkedWorktree(at("shop"))).toBeUndefined();
  expect(linkedWorktree(base)).toBeUndefined();
  const expected = {
    name: "feature",
    gitFolder: at("shop", ".git", "worktrees", "feature"),
    top: at("feature"),
    copyOf: undefined,
  };
  expect(linkedWorktree(at("feature"))).toEqual(expected);
  expect(linkedWorktree(at("feature", "packages", "db"))).toEqual(expected);
});

test("one inside the main worktree, and a repository inside a linked one", () => {
  git(at("shop"), "worktree", "add", "--quiet", at("shop", ".worktrees", "inner"));
  expect(linkedWorktree(at("shop", ".worktrees", "inner"))?.name).toBe("inner");
  mkdirSync(at("feature", "nested"));
  git(at("feature", "nested"), "init", "--quiet");
  expect(linkedWorktree(at("feature", "nested"))).toBeUndefined();
});

test("two of one folder name are two to git", () => {
  git(at("shop"), "worktree", "add", "--quiet", at("other", "feature"), "-b", "other");
  expect(linkedWorktree(at("other", "feature"))?.name).toBe("feature1");
});

test("a detached one, and one made from a worktree", () => {
  git(at("feature"), "worktree", "add", "--quiet", "--detach", at("second"));
  expect(linkedWorktree(at("second"))).toMatchObject({
    name: "second",
    gitFolder: at("shop", ".git", "worktrees", "second"),
  });
});

test("those of a bare repository, which has no main one", () => {
  git(base, "clone", "--quiet", "--bare", at("shop"), at("bare.git"));
  git(at("bare.git"), "worktree", "add", "--quiet", at("main-of-bare"), "main");
  expect(linkedWorktree(at("main-of-bare"))?.name).toBe("main-of-bare");
});

test("a submodule is none; a worktree of a submodule is one", () => {
  repository("library");
  git(at("shop"), "submodule", "--quiet", "add", at("library"), "library");
  expect(linkedWorktree(at("shop", "library"))).toBeUndefined();
  git(at("shop", "library"), "worktree", "add", "--quiet", at("library-feature"));
  expect(linkedWorktree(at("library-feature"))?.name).toBe("library-feature");
});

test("a folder .git somewhere else (git init --separate-git-dir) is none", () => {
  mkdirSync(at("separate"));
  git(at("separate"), "init", "--quiet", `--separate-git-dir=${at("elsewhere.git")}`);
  expect(linkedWorktree(at("separate"))).toBeUndefined();
});

test("moved by git, or by hand: the same name and folder of git's", () => {
  const { gitFolder } = linkedWorktree(at("feature")) ?? {};
  git(at("shop"), "worktree", "move", at("feature"), at("moved"));
  expect(linkedWorktree(at("moved"))).toMatchObject({
    name: "feature",
    gitFolder,
    copyOf: undefined,
  });
  renameSync(at("moved"), at("again"));
  expect(linkedWorktree(at("again"))).toMatchObject({
    name: "feature",
    gitFolder,
    copyOf: undefined,
  });
});

test("pruned: it keeps its name, and git does not have it any more", () => {
  const { gitFolder = "" } = linkedWorktree(at("feature")) ?? {};
  expect(isWorktreeThere(gitFolder)).toBe(true);
  renameSync(at("feature"), at("away"));
  expect(isWorktreeThere(gitFolder)).toBe(false);
  git(at("shop"), "worktree", "prune");
  expect(linkedWorktree(at("away"))).toMatchObject({
    name: "feature",
    gitFolder,
    copyOf: undefined,
  });
});

test("removed: git does not have it any more", () => {
  const { gitFolder = "" } = linkedWorktree(at("feature")) ?? {};
  git(at("shop"), "worktree", "remove", at("feature"));
  expect(isWorktreeThere(gitFolder)).toBe(false);
});

test("a copied folder says of which it is a copy; the original is none", () => {
  cpSync(at("feature"), at("copied"), { recursive: true });
  expect(linkedWorktree(at("copied"))?.copyOf).toBe(at("feature"));
  expect(linkedWorktree(at("feature"))?.copyOf).toBeUndefined();
  rmSync(at("feature"), { recursive: true });
  expect(linkedWorktree(at("copied"))?.copyOf).toBeUndefined();
});

test("a file .git that leads nowhere", () => {
  mkdirSync(at("odd"));
  for (const text of ["", "gitdir: ", "gitdir: /nowhere/at/all", "no word"]) {
    writeFileSync(at("odd", ".git"), text);
    expect(linkedWorktree(at("odd")), text).toBeUndefined();
  }
});
