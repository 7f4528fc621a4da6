import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { listPullRequests } from "../../src/audit/io/pull-requests.ts";
import { openGit } from "../../src/lib/git/io/git.ts";
import { withScratchFolder } from "../helpers/scratch.ts";

// A source that fails must not look like one that is empty, or not there: that is how what is alive gets deleted.

const scratch = withScratchFolder();

function checkout(name: string): string {
  const cwd = join(scratch.path, name);
  mkdirSync(cwd);
  execFileSync("git", ["init", "--quiet", "--initial-branch=main"], { cwd });
  return cwd;
}

describe("git", () => {
  test("outside of a checkout, and in one without branches or remote, there is nothing to know", async () => {
    const outside = openGit({ cwd: scratch.path, env: process.env });
    expect(await outside.root()).toBeUndefined();
    const empty = openGit({ cwd: checkout("empty"), env: process.env });
    expect(await empty.root()).toMatch(/empty$/);
    expect([await empty.localBranches(), await empty.remoteBranches()]).toEqual([[], []]);
  });

  test("a checkout of somebody else's, which git refuses to read, is a failure", async () => {
    const env = {
      ...process.env,
      GIT_TEST_ASSUME_DIFFERENT_OWNER: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_CONFIG_NOSYSTEM: "1",
    };
    const git = openGit({ cwd: checkout("theirs"), env });
    await expect(git.root()).rejects.toMatchObject({
      code: "UPSTREAM",
      reason: "GIT_FAILED",
    });
  });

  test("branches that cannot be read are a failure", async () => {
    const cwd = checkout("broken");
    writeFileSync(join(cwd, ".git/packed-refs"), "not a list of refs\n");
    const git = openGit({ cwd, env: process.env });
    await expect(git.localBranches()).rejects.toMatchObject({
      code: "UPSTREAM",
      reason: "GIT_FAILED",
    });
  });
});

describe("pull requests", () => {
  /** GitHub's command, as it ends when it has this to say. */
  const saying = (complaint: string) => {
    const bin = join(scratch.path, "bin");
    mkdirSync(bin, { recursive: true });
    writeFileSync(join(bin, "gh"), `#!/bin/sh\ncat >&2 <<'END'\n${complaint}\nEND\nexit 1\n`, {
      mode: 0o755,
    });
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
    return listPullRequests({ env, signal: new AbortController().signal }, scratch.path);
  };

  test("who never logged in has no such source", async () => {
    const said = "To get started with GitHub CLI, please run:  gh auth login";
    expect(await saying(said)).toBeUndefined();
  });

  test("a login that is no longer good is a failure", async () => {
    const said =
      "HTTP 401: Bad credentials (https://api.github.com/graphql)\nTry authenticating with:  gh auth login";
    await expect(saying(said)).rejects.toMatchObject({
      code: "UPSTREAM",
      reason: "GITHUB_FAILED",
    });
  });
});
