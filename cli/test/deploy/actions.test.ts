import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { AppContext } from "../../src/app-context.ts";
import { findCloudStage, type StageFlags } from "../../src/deploy/io/find-stage.ts";
import { reportToActions } from "../../src/deploy/io/github-actions.ts";
import { withScratchFolder } from "../helpers/scratch.ts";

// The stage of a run of GitHub Actions: environment and event as such runs have them.

const scratch = withScratchFolder();
const folder = scratch.path;

const fixture = (name: string): { env: Record<string, string>; event: object } =>
  JSON.parse(readFileSync(new URL(`../fixtures/actions/${name}.json`, import.meta.url), "utf8"));

/** A checkout of the base branch by somebody with a name: neither may ever decide. */
function contextOf(env: Record<string, string>): AppContext {
  const context: Partial<AppContext> = {
    env,
    config: async () => ({ project: "shop", stages: {} }) as never,
    developer: async () => ({ name: "phil", source: "git's user.name" }),
    git: async () => ({ currentBranch: async () => "main" }) as never,
  };
  return context as AppContext;
}

const none: StageFlags = {
  developer: undefined,
  stage: undefined,
  branch: undefined,
  pr: undefined,
};

async function stageIn(name: string, flags: Partial<StageFlags> = {}) {
  const { env, event } = fixture(name);
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify(event));
  return findCloudStage(
    contextOf({ ...env, GITHUB_EVENT_PATH: path }),
    { ...none, ...flags },
    undefined,
  );
}

describe("the pull request's stage", () => {
  test.each(["opened", "pushed", "rerun", "closed", "merged"])("%s", async (name) => {
    expect(await stageIn(name)).toMatchObject({
      name: "ci-pr-142",
      branch: "dev-ci-pr-142",
      owner: "ci",
      pullRequest: 142,
      gitBranch: "feature/auth-v2",
    });
  });

  test.each(["fork", "fork-deleted"])("%s: its branch is another repository's", async (name) => {
    expect(await stageIn(name)).toMatchObject({ name: "ci-pr-142", gitBranch: undefined });
  });

  test("a comment on it: the ref is the base branch, the number the issue's", async () => {
    expect(await stageIn("comment")).toMatchObject({ name: "ci-pr-142", gitBranch: undefined });
  });

  test("--pr comes first, and the event's branch is not that pull request's", async () => {
    expect(await stageIn("merged", { pr: "7" })).toMatchObject({
      name: "ci-pr-7",
      gitBranch: undefined,
    });
  });

  test("without the event's file, refs/pull/N is enough", async () => {
    const { env } = fixture("opened");
    expect((await findCloudStage(contextOf(env), none, undefined)).name).toBe("ci-pr-142");
  });
});

describe("refused, never derived from the base branch", () => {
  test.each(["push-after-merge", "nightly", "disagreeing"])("%s", async (name) => {
    await expect(stageIn(name)).rejects.toMatchObject({ code: "USAGE" });
  });

  test("a merged pull request whose event cannot be read", async () => {
    const { env } = fixture("merged");
    const context = contextOf({ ...env, GITHUB_EVENT_PATH: join(folder, "gone.json") });
    await expect(findCloudStage(context, none, undefined)).rejects.toMatchObject({
      code: "USAGE",
      reason: "NO_CERTAIN_PULL_REQUEST",
    });
  });

  test("a person's stage in a run, without a word which", async () => {
    await expect(stageIn("opened", { developer: "phil" })).rejects.toMatchObject({ code: "USAGE" });
  });
});

test("outputs and summary are appended, a line each, whatever is in a value", async () => {
  const [outputs, summary] = [join(folder, "output"), join(folder, "summary")];
  writeFileSync(outputs, "before=1\n");
  const context = contextOf({ GITHUB_OUTPUT: outputs, GITHUB_STEP_SUMMARY: summary });
  await reportToActions(context, {
    outputs: { stage: "ci-pr-1", "preview-url": "https://x\nsecret=stolen", stack: undefined },
    title: "Stage",
    rows: [["Branch", "a|b"]],
  });
  expect(readFileSync(outputs, "utf8")).toBe(
    "before=1\nstage=ci-pr-1\npreview-url=https://x secret=stolen\n",
  );
  expect(readFileSync(summary, "utf8")).toContain("| Branch | a\\|b |");
});
