import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { findRepository } from "../../src/repository/io/find-repository.ts";
import { type Likeness, likeness, type Repository } from "../../src/repository/repository.ts";
import { withScratchFolder } from "../helpers/scratch.ts";

// Which repository a checkout is of, told by the real git.

const scratch = withScratchFolder();
const author = Object.fromEntries(
  ["AUTHOR", "COMMITTER"].flatMap((who) => [
    [`GIT_${who}_NAME`, "x"],
    [`GIT_${who}_EMAIL`, "x"],
  ]),
);
const env = { PATH: process.env.PATH, HOME: "/nowhere", ...author };
const at = (...parts: string[]) => join(realpathSync(scratch.path), ...parts);
const git = (folder: string, ...args: string[]) =>
  execFileSync("git", ["-c", "protocol.file.allow=always", ...args], {
    cwd: folder,
    env,
    stdio: "pipe",
  });
const find = (folder: string, more: Record<string, string> = {}) =>
  findRepository({ env: { ...env, ...more }, home: at("home") }, folder);
const like = async (one: string, other: string): Promise<Likeness> =>
  likeness(await find(one), await find(other));

let made = 0;
/** A repository with one commit, unlike any other. */
function repository(remote?: string, name = `repository-${made}`): string {
  made++;
  const folder = at(name);
  mkdirSync(folder, { recursive: true });
  git(folder, "init", "--quiet", "--initial-branch=main");
  writeFileSync(join(folder, "file"), `${made}`);
  git(folder, "add", ".");
  git(folder, "commit", "--quiet", "--message=first");
  if (remote !== undefined) git(folder, "remote", "add", "origin", remote);
  return folder;
}
const clone = (from: string, to: string, ...options: string[]) => {
  git(at(), "clone", "--quiet", ...options, from, at(to));
  return at(to);
};

const own: { shop: string; local: string } = { shop: "", local: "" };
beforeAll(() => {
  own.shop = repository("git@github.com:acme/shop.git");
  own.local = repository();
});

describe("the same repository", () => {
  test("its clones, by folder and by address", async () => {
    const second = clone(own.shop, "second");
    expect(await like(own.shop, second)).toBe("same");
    expect(await find(second)).toMatchObject({ remote: "github.com/acme/shop" });
    const third = repository("https://github.com/acme/shop");
    expect(await like(own.shop, third)).toBe("same");
    const ofLocal = clone(own.local, "of-local");
    expect(await like(own.local, ofLocal)).toBe("same");
    expect(await like(ofLocal, own.local)).toBe("same");
    expect(await like(ofLocal, clone(ofLocal, "of-clone"))).toBe("same");
  });

  test("its worktrees, also a moved one and those of a bare repository", async () => {
    git(own.local, "worktree", "add", "--quiet", at("tree"));
    expect(await like(own.local, at("tree"))).toBe("same");
    git(own.local, "worktree", "move", at("tree"), at("moved-tree"));
    expect(await like(own.local, at("moved-tree"))).toBe("same");
    const bare = clone(own.local, "bare.git", "--bare");
    git(bare, "worktree", "add", "--quiet", at("bare-tree"));
    git(bare, "worktree", "add", "--quiet", "--detach", at("other-tree"));
    expect(await like(at("bare-tree"), at("other-tree"))).toBe("same");
    expect(await like(own.local, at("bare-tree"))).toBe("same");
  });

  test("a shallow clone", async () => {
    const origin = repository();
    writeFileSync(join(origin, "file"), "more");
    git(origin, "commit", "--all", "--quiet", "--message=second");
    const shallow = clone(`file://${origin}`, "shallow", "--depth=1");
    expect((await find(shallow)).rootCommit).toBeUndefined();
    expect(await like(origin, shallow)).toBe("same");
  });

  test("with another project's history merged into it", async () => {
    const folder = repository();
    const before = await find(folder);
    git(folder, "fetch", "--quiet", own.local, "main");
    git(
      folder,
      "merge",
      "--quiet",
      "--allow-unrelated-histories",
      "-X",
      "ours",
      "-m",
      "m",
      "FETCH_HEAD",
    );
    git(folder, "config", "core.whitespace", "fix");
    expect(likeness(before, await find(folder))).toBe("same");
    expect(await like(own.local, folder)).toBe("other");
  });

  test("with its history rewritten, where the remote tells", async () => {
    const folder = repository("https://github.com/acme/rewritten");
    const before = await find(folder);
    git(folder, "commit", "--amend", "--quiet", "--message=other");
    git(folder, "config", "core.whitespace", "fix");
    const after = await find(folder);
    expect(after.rootCommit).not.toBe(before.rootCommit);
    expect(likeness(before, after)).toBe("same");
  });
});

describe("another repository", () => {
  test("of the same template, with a remote of its own", async () => {
    const template = repository();
    const [alpha, beta] = ["alpha", "beta"].map((name) => {
      const folder = clone(template, name);
      git(folder, "remote", "set-url", "origin", `https://github.com/acme/${name}.git`);
      return folder;
    }) as [string, string];
    expect((await find(alpha)).rootCommit).toBe((await find(beta)).rootCommit);
    expect(await like(alpha, beta)).toBe("other");
    expect(await like(template, alpha)).toBe("other");
  });

  test("of the same template, or a copy, without a remote", async () => {
    const folder = repository();
    cpSync(folder, at("copied"), { recursive: true });
    git(clone(folder, "begun"), "remote", "remove", "origin");
    for (const other of ["copied", "begun"]) {
      expect((await find(at(other))).rootCommit).toBe((await find(folder)).rootCommit);
      expect(await like(folder, at(other))).toBe("other");
    }
  });

  test("a fork", async () => {
    const fork = clone(own.shop, "fork");
    git(fork, "remote", "set-url", "origin", "git@github.com:phil/shop.git");
    git(fork, "remote", "add", "upstream", "git@github.com:acme/shop.git");
    expect(await like(own.shop, fork)).toBe("other");
  });

  test("a submodule, and one that lies in the other's folder", async () => {
    const outer = repository();
    git(outer, "submodule", "--quiet", "add", own.local, "inner");
    const inner = join(outer, "inner");
    expect(await like(outer, inner)).toBe("other");
    expect(await like(own.local, inner)).toBe("same");
    const nested = repository(undefined, `${outer}/nested`.slice(at().length + 1));
    expect(await like(outer, nested)).toBe("other");
  });

  test("one that took the other's place", async () => {
    const folder = repository(undefined, "place");
    const before = await find(folder);
    rmSync(folder, { recursive: true });
    repository("https://github.com/acme/place", "place");
    expect(likeness(before, await find(folder))).toBe("changed");
  });

  test("GIT_DIR and GIT_WORK_TREE, as in a hook or with dotfiles, do not count", async () => {
    const elsewhere = { GIT_DIR: join(own.local, ".git"), GIT_WORK_TREE: own.local };
    const folder = repository();
    expect(likeness(await find(own.local), await find(folder, elsewhere))).toBe("other");
  });
});

describe("without signs of its own", () => {
  test("no git: the folder; then git init and a first commit", async () => {
    const folder = at("plain");
    mkdirSync(join(folder, "db"), { recursive: true });
    const plain = await find(join(folder, "db"));
    expect(plain).toEqual<Repository>({
      folder: join(folder, "db"),
      part: "",
      remote: undefined,
      rootCommit: undefined,
    });
    git(folder, "init", "--quiet");
    const empty = await find(join(folder, "db"));
    expect(empty).toMatchObject({ folder, part: "db", rootCommit: undefined });
    expect(likeness(plain, empty)).toBe("same");
    git(folder, "commit", "--quiet", "--allow-empty", "--message=first");
    expect(likeness(empty, await find(join(folder, "db")))).toBe("likely");
  });

  test("git is not there: the folder of the checkout", async () => {
    const folder = repository();
    const found = await find(folder, { PATH: at("nothing") });
    expect(found).toMatchObject({ folder, remote: undefined, rootCommit: undefined });
    expect(await find(folder)).toMatchObject({ rootCommit: expect.any(String) });
  });

  test("a .git that is none", async () => {
    mkdirSync(at("fake", ".git"), { recursive: true });
    expect(await find(at("fake"))).toMatchObject({ folder: at("fake"), rootCommit: undefined });
  });
});

test("git is asked once, and again when its configuration has changed", async () => {
  const folder = repository();
  const first = await find(folder);
  expect(await find(folder, { PATH: at("nothing") })).toEqual(first);
  git(folder, "remote", "add", "origin", "https://github.com/acme/new");
  expect(await find(folder)).toMatchObject({ remote: "github.com/acme/new" });
});
