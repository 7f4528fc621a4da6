import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join, relative } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import type { ProjectConfig } from "../../src/config/project-config.ts";
import { Examination } from "../../src/doctor/io/examination.ts";
import { examineHooks } from "../../src/doctor/io/hooks.ts";
import { installHooks } from "../../src/setup/hooks/io/install.ts";
import { hooksStatus } from "../../src/setup/hooks/io/status.ts";
import { uninstallHooks } from "../../src/setup/hooks/io/uninstall.ts";
import { memoryOutput } from "../helpers/memory-output.ts";
import { withScratchFolder } from "../helpers/scratch.ts";
import { git } from "./helpers/git.ts";

// Git's hooks with the real git: what was there runs, ours decide without node, and uninstalled nothing is left. What
// they start is a script that notes that it was started.

const scratch = withScratchFolder();
let base = "";
let made = 0;
const at = (...parts: string[]) => join(base, ...parts);
const write = (path: string, text: string, mode = 0o644) => {
  writeFileSync(at(path), text, { mode });
  chmodSync(at(path), mode);
};
const lines = (path: string) =>
  existsSync(at(path)) ? readFileSync(at(path), "utf8").trim().split("\n") : [];
const started = () => lines("started").length;

beforeEach(() => {
  base = join(realpathSync(scratch.path), `${made++}`);
  mkdirSync(at("shop", "drizzle"), { recursive: true });
  write(
    "command.mjs",
    `import { appendFileSync } from "node:fs"; appendFileSync(${JSON.stringify(at("started"))}, process.argv.slice(2).join(" ") + "\\n");`,
  );
  git(at("shop"), "init", "--quiet", "--initial-branch=main");
  write("shop/.gitignore", ".env\n");
  write("shop/.env", "DATABASE_URL=x\n");
  commit("shop", "drizzle/0000.sql", "select 0;");
  commit("shop", "code", "one");
  git(at("shop"), "branch", "same");
  git(at("shop"), "switch", "--quiet", "--create", "changed");
  commit("shop", "drizzle/0001.sql", "select 1;");
  git(at("shop"), "switch", "--quiet", "main");
});

function commit(folder: string, file: string, text: string): void {
  writeFileSync(at(folder, file), text);
  git(at(folder), "add", ".");
  git(at(folder), "commit", "--quiet", "--no-verify", `--message=${file}`);
}

function context(folder = "shop", follow: "worktree" | "branch" = "worktree", env = process.env) {
  const root = at(folder);
  const config = {
    root,
    file: undefined,
    git: { follow },
    envFile: { path: join(root, ".env") },
    migrations: { folder: join(root, "drizzle") },
  } as unknown as ProjectConfig;
  return {
    env: { ...env, LC_ALL: "C" },
    output: memoryOutput().output,
    config: async () => config,
  };
}
const install = (...args: Parameters<typeof context>) =>
  installHooks(context(...args), at("command.mjs"));
const uninstall = (...args: Parameters<typeof context>) => uninstallHooks(context(...args));

/** Every file below git's folder that an installation could touch, with mode and content. */
function snapshot(...roots: string[]): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (path: string) => {
    const entry = lstatSync(path);
    if (entry.isDirectory()) {
      for (const name of readdirSync(path)) visit(join(path, name));
      return;
    }
    const text = entry.isSymbolicLink() ? "link" : readFileSync(path, "latin1");
    found[relative(base, path)] = `${entry.mode.toString(8)} ${text}`;
  };
  for (const root of roots) if (existsSync(at(root))) visit(at(root));
  return found;
}
const gits = () =>
  snapshot("shop/.git/hooks", "shop/.git/config", "shop/.git/ds-hooks", "shop/hooks");

test("ds doctor tells those that were replaced, and says nothing where none are wanted", async () => {
  const found = async (follow?: "branch") => {
    const examination = new Examination();
    await examineHooks(context("shop", follow), examination);
    return examination.findings.map(({ health, says }) => `${health}: ${says}`);
  };
  expect(await found()).toEqual([]);
  await install();
  expect(await found()).toEqual([expect.stringMatching(/^ok: /)]);
  expect(await found("branch")).toEqual([expect.stringMatching(/^warning: .*says branch/)]);
  write("shop/.git/hooks/post-merge", "#!/bin/sh\n", 0o755);
  rmSync(at("shop/.git/hooks/post-rewrite"));
  const lost = "post-merge is replaced; post-rewrite is missing";
  expect(await found()).toEqual([expect.stringMatching(`^warning: .*${lost}$`)]);
  await uninstall();
  expect(await found()).toEqual([]);
});

describe("without hooks of one's own", () => {
  test("node starts only where a migration differs, and git's status stays", async () => {
    const before = gits();
    expect(await install()).toMatchObject({ changed: true });
    expect(await install()).toMatchObject({ changed: false });
    expect(await hooksStatus(context())).toMatchObject({ installed: true, manager: null });
    git(at("shop"), "switch", "--quiet", "same");
    git(at("shop"), "checkout", "--quiet", "--", "code");
    expect(started()).toBe(0);
    git(at("shop"), "switch", "--quiet", "changed");
    expect(lines("started")).toEqual(["git hook post-checkout"]);
    git(at("shop"), "switch", "--quiet", "main");
    git(at("shop"), "merge", "--quiet", "changed");
    expect(lines("started").slice(1)).toEqual(["git hook post-checkout", "git hook post-merge"]);
    expect(await uninstall()).toMatchObject({ wasInstalled: true, left: [] });
    expect(gits()).toEqual(before);
    expect(await uninstall()).toMatchObject({ wasInstalled: false });
    expect((await hooksStatus(context())).installed).toBe(false);
  });

  test("a rebase and a bisect start nothing at their steps; a rebase once at its end", async () => {
    git(at("shop"), "switch", "--quiet", "--create", "topic");
    for (const name of ["a", "b", "c", "d"]) commit("shop", name, name);
    git(at("shop"), "switch", "--quiet", "main");
    commit("shop", "code", "two");
    await install();
    git(at("shop"), "switch", "--quiet", "topic");
    git(at("shop"), "rebase", "--quiet", "main");
    expect(started()).toBe(0);
    git(at("shop"), "rebase", "--quiet", "changed");
    expect(lines("started")).toEqual(["git hook post-rewrite"]);
    git(at("shop"), "bisect", "start");
    git(at("shop"), "bisect", "bad", "topic");
    git(at("shop"), "bisect", "good", "same");
    git(at("shop"), "bisect", "good");
    git(at("shop"), "bisect", "reset");
    expect(started()).toBe(1);
  });

  test.each([
    ["no env file: it was never set up", () => rmSync(at("shop", ".env"))],
    ["ds is not there any more", () => rmSync(at("command.mjs"))],
  ])("%s", async (_, change) => {
    await install();
    change();
    git(at("shop"), "switch", "--quiet", "changed");
    expect(git(at("shop"), "symbolic-ref", "--short", "HEAD")).toBe("changed");
    expect(started()).toBe(0);
  });

  test("a command that fails or hangs on to its input does not make git fail", async () => {
    write("command.mjs", "process.stdin.resume(); process.stdin.on('end', () => process.exit(9));");
    await install();
    git(at("shop"), "switch", "--quiet", "changed");
    expect(git(at("shop"), "symbolic-ref", "--short", "HEAD")).toBe("changed");
  });

  test("in a linked worktree, its own env file counts; git's variables do not reach ds", async () => {
    git(at("shop"), "worktree", "add", "--quiet", at("linked"), "same");
    await install("linked");
    git(at("linked"), "switch", "--quiet", "changed");
    expect(started()).toBe(0);
    write("linked/.env", "DATABASE_URL=x\n");
    write(
      "command.mjs",
      `import { appendFileSync } from "node:fs"; appendFileSync(${JSON.stringify(at("started"))}, process.cwd() + " " + ("GIT_DIR" in process.env) + "\\n");`,
    );
    git(at("linked"), "switch", "--quiet", "same");
    expect(lines("started")).toEqual([`${at("linked")} false`]);
  });

  test("following git branches, it starts where the branch is another than the last one", async () => {
    await install("shop", "branch");
    git(at("shop"), "switch", "--quiet", "same");
    expect(started()).toBe(1);
    write("shop/.git/ds-branch", "same\n");
    git(at("shop"), "switch", "--quiet", "--detach", "main");
    git(at("shop"), "switch", "--quiet", "same");
    expect(started()).toBe(1);
    git(at("shop"), "switch", "--quiet", "--create", "feature/new");
    expect(started()).toBe(2);
    await uninstall("shop", "branch");
    expect(existsSync(at("shop", ".git", "ds-branch"))).toBe(false);
  });
});

describe("with hooks of one's own", () => {
  const hook = (name: string) => join("shop", ".git", "hooks", name);

  test.each([
    ["sh", '#!/bin/sh\necho "$0 $3" >>../ran\n', 0],
    // Git says 1 of every status but 0.
    ["sh that exits", "#!/bin/sh\necho x >>../ran\nexit 3\n", 1],
    [
      "sh that stops at its first failure",
      "#!/bin/sh\nset -e\necho x >>../ran\nfalse\necho y >>../ran\n",
      1,
    ],
    ["sh that becomes another program", "#!/usr/bin/env sh\nexec sh -c 'echo x >>../ran'\n", 0],
    ["bash with what sh has not", "#!/bin/bash\na=(x y); [[ $a == x ]] && echo $a >>../ran\n", 0],
    [
      "another language",
      `#!/usr/bin/env node\nrequire("fs").appendFileSync("../ran", "x\\n");\n`,
      0,
    ],
    ["sh with options", "#!/bin/sh -e\necho x >>../ran\nfalse\necho y >>../ran\n", 1],
  ])("%s: it runs first, its status counts, and it is brought back", async (_, text, status) => {
    write(hook("post-checkout"), text, 0o750);
    const before = gits();
    await install();
    await install();
    const switched = (() => {
      try {
        git(at("shop"), "switch", "--quiet", "changed");
        return 0;
      } catch (error) {
        return (error as { status: number }).status;
      }
    })();
    expect(switched).toBe(status);
    expect(lines("ran")).toHaveLength(1);
    if (lines("ran")[0] !== "x") expect(lines("ran")[0]).toMatch(/hooks\/post-checkout 1$/);
    expect(started()).toBe(1);
    await uninstall();
    expect(gits()).toEqual(before);
  });

  test("a link to a script of the repository; one that git passes over", async () => {
    mkdirSync(at("shop", "scripts"));
    write("shop/scripts/hook", "#!/bin/sh\necho x >>../ran\n", 0o755);
    symlinkSync("../../scripts/hook", at(hook("post-checkout")));
    write(hook("post-merge"), "#!/bin/sh\necho never >>../ran\n", 0o644);
    const before = gits();
    await install();
    git(at("shop"), "switch", "--quiet", "changed");
    git(at("shop"), "switch", "--quiet", "main");
    git(at("shop"), "merge", "--quiet", "changed");
    expect(lines("ran")).toEqual(["x", "x"]);
    await uninstall();
    expect(gits()).toEqual(before);
  });

  test("another program writes its own over ours: told, kept, and left alone", async () => {
    write(hook("post-checkout"), "#!/bin/sh\necho old >>../ran\n", 0o755);
    await install();
    write(hook("post-checkout"), "#!/bin/sh\necho new >>../ran\n", 0o755);
    expect(await hooksStatus(context())).toMatchObject({
      installed: false,
      hooks: [{ state: "replaced" }, { state: "installed" }, { state: "installed" }],
    });
    const { left } = await uninstall();
    expect(left).toEqual([at(`${hook("post-checkout")}.before-ds`)]);
    expect(readFileSync(at(hook("post-checkout")), "utf8")).toContain("new");
    await install();
    git(at("shop"), "switch", "--quiet", "changed");
    expect(lines("ran")).toEqual(["new"]);
    expect(started()).toBe(1);
  });

  test("killed between its steps: installed or uninstalled anew, nothing is lost", async () => {
    write(hook("post-checkout"), "#!/bin/sh\necho x >>../ran\n", 0o755);
    const before = gits();
    // The second name is there, ours is not.
    linkSync(at(hook("post-checkout")), at(`${hook("post-checkout")}.before-ds`));
    await install();
    await uninstall();
    expect(gits()).toEqual(before);
    await install();
    rmSync(at(hook("post-checkout")));
    await install();
    git(at("shop"), "switch", "--quiet", "changed");
    expect(lines("ran")).toEqual(["x"]);
    rmSync(at(hook("post-checkout")));
    await uninstall();
    expect(gits()).toEqual(before);
  });
});

describe("with core.hooksPath", () => {
  beforeEach(() => {
    mkdirSync(at("shop", "hooks"));
    write("shop/hooks/pre-commit", '#!/bin/sh\necho "pre-commit $0" >>ran\n', 0o755);
    write("shop/hooks/post-checkout", "#!/bin/sh\necho post-checkout >>ran\n", 0o755);
    write("shop/.gitignore", ".env\nran\n");
    git(at("shop"), "add", ".");
    git(at("shop"), "commit", "--quiet", "--message=hooks");
    git(at("shop"), "config", "core.hooksPath", "hooks");
  });

  test("a folder of the repository: nothing in it changes, all of it runs, new ones too", async () => {
    const before = gits();
    expect(await install()).toMatchObject({ changed: true, places: { way: "forward" } });
    expect(await install()).toMatchObject({ changed: false });
    expect(git(at("shop"), "status", "--porcelain")).toBe("");
    expect(await hooksStatus(context())).toMatchObject({ installed: true });
    git(at("shop"), "switch", "--quiet", "--create", "work");
    expect(lines("shop/ran")).toEqual(["post-checkout"]);
    git(at("shop"), "commit", "--quiet", "--allow-empty", "--message=x");
    expect(lines("shop/ran")).toEqual(["post-checkout", "pre-commit hooks/pre-commit"]);
    write("shop/hooks/commit-msg", "#!/bin/sh\necho commit-msg >>ran\n", 0o755);
    git(at("shop"), "switch", "--quiet", "--create", "more");
    git(at("shop"), "commit", "--quiet", "--allow-empty", "--message=x");
    expect(lines("shop/ran").slice(2)).toEqual([
      "post-checkout",
      "pre-commit hooks/pre-commit",
      "commit-msg",
    ]);
    rmSync(at("shop", "hooks", "commit-msg"));
    await uninstall();
    expect(gits()).toEqual(before);
  });

  test("the configuration was changed since: only our setting goes", async () => {
    await install();
    git(at("shop"), "config", "core.whitespace", "fix");
    await uninstall();
    expect(git(at("shop"), "config", "core.hooksPath")).toBe("hooks");
    expect(git(at("shop"), "config", "core.whitespace")).toBe("fix");
  });

  test("a folder of all repositories of this user: theirs stays as it is", async () => {
    git(at("shop"), "config", "--unset", "core.hooksPath");
    mkdirSync(at("global"));
    write(
      "global/post-checkout",
      '#!/bin/sh\necho global >>"$(git rev-parse --show-toplevel)/ran"\n',
      0o755,
    );
    write("gitconfig", `[core]\n\thooksPath = ${at("global")}\n`);
    const env = { ...process.env, GIT_CONFIG_GLOBAL: at("gitconfig") };
    const before = { ...gits(), ...snapshot("global") };
    await install("shop", "worktree", env);
    execFileSync("git", ["switch", "--quiet", "--create", "work"], { cwd: at("shop"), env });
    expect(lines("shop/ran")).toEqual(["global"]);
    await uninstall("shop", "worktree", env);
    expect({ ...gits(), ...snapshot("global") }).toEqual(before);
  });

  test("a folder that git ignores, as husky's: ours lie beside what is there, in each worktree", async () => {
    commit("shop", ".gitignore", ".env\nran\n_/\n");
    git(at("shop"), "branch", "--force", "same");
    commit("shop", "drizzle/0002.sql", "select 2;");
    mkdirSync(at("shop", "_"));
    // As husky 9 writes it: `$0` tells which hook it is.
    write("shop/_/post-checkout", '#!/usr/bin/env sh\n. "$(dirname -- "$0")/h"\n', 0o755);
    write("shop/_/h", '#!/usr/bin/env sh\necho "husky $(basename -- "$0")" >>ran\nexit 0\n');
    git(at("shop"), "config", "core.hooksPath", "_");
    const before = snapshot("shop/_");
    expect(await install()).toMatchObject({ places: { way: "beside" } });
    git(at("shop"), "switch", "--quiet", "same");
    expect(lines("shop/ran")).toEqual(["husky post-checkout"]);
    expect(started()).toBe(1);
    await uninstall();
    expect(snapshot("shop/_")).toEqual(before);
  });
});

test("outside of git: a sentence", async () => {
  mkdirSync(at("plain"));
  await expect(install("plain")).rejects.toMatchObject({ reason: "NO_CHECKOUT" });
});
