import { describe, expect, test } from "vitest";
import { type CloudStageInputs, cloudStage, stampConflict } from "./cloud-stage.ts";
import type { StageStamp } from "./stamp.ts";

const inputs: CloudStageInputs = {
  shared: { project: "shop", stages: { "big-demo": { project: "shop", branch: "demo" } } },
  stage: undefined,
  branch: undefined,
  pullRequest: undefined,
  namedDeveloper: undefined,
  developer: async () => "phil",
  actions: undefined,
  gitBranch: async () => "feature/auth-v2",
};
const stage = (given: Partial<CloudStageInputs>) => cloudStage({ ...inputs, ...given });

describe("which stage", () => {
  test("of the branch that is checked out", async () => {
    expect(await stage({})).toMatchObject({
      name: "phil-feature-auth-v2",
      branch: "dev-phil-feature-auth-v2",
      gitBranch: "feature/auth-v2",
      owner: "phil",
    });
  });

  test.each([
    [{ branch: "pr-142", namedDeveloper: "ci" }, "ci-pr-142", 142],
    [{ pullRequest: "142" }, "ci-pr-142", 142],
    [{ stage: "ci-pr-142" }, "ci-pr-142", 142],
    [{ branch: "pr-142" }, "phil-pr-142", undefined],
    [{ branch: "refs/heads/fix" }, "phil-fix", undefined],
    [{ branch: "Überraschung/größe" }, "phil-uberraschung-grosse", undefined],
    [{ branch: "../../etc/passwd" }, "phil-etc-passwd", undefined],
    [{ stage: "phil-fix" }, "phil-fix", undefined],
    [{ stage: "anna-fix", namedDeveloper: "anna" }, "anna-fix", undefined],
  ])("%j is %s", async (given, name, pullRequest) => {
    expect(await stage(given)).toMatchObject({ name, pullRequest });
  });

  test("200 characters: cut to fit, and two that differ at the end stay two", async () => {
    const long = "feature/".padEnd(199, "x");
    const [one, two] = await Promise.all([
      stage({ branch: `${long}1` }),
      stage({ branch: `${long}2` }),
    ]);
    expect(one.name).not.toBe(two.name);
    for (const { name, branch } of [one, two]) {
      expect(branch.length).toBeLessThanOrEqual(63);
      expect(name).toMatch(/^phil-feature-x+-[0-9a-f]{6}$/);
    }
  });
});

describe("refused", () => {
  test.each([
    [{ branch: ".." }, "USAGE"],
    [{ branch: "张伟" }, "USAGE"],
    [{ branch: "" }, "USAGE"],
    [{ branch: "local" }, "REFUSED"],
    [{ branch: "x/local" }, "REFUSED"],
    [{ branch: "demo", namedDeveloper: "big" }, "REFUSED"],
    [{ stage: "big-demo" }, "REFUSED"],
    [{ stage: "main" }, "REFUSED"],
    [{ stage: "phil-local" }, "REFUSED"],
    [{ stage: "../x" }, "USAGE"],
    [{ stage: "phil" }, "USAGE"],
    [{ stage: "anna-fix" }, "USAGE"],
    [{ pullRequest: "0" }, "USAGE"],
    [{ pullRequest: "1e3" }, "USAGE"],
    [{ pullRequest: "1 2" }, "USAGE"],
    [{ pullRequest: "1", namedDeveloper: "phil" }, "USAGE"],
    [{ pullRequest: "1", branch: "x" }, "USAGE"],
    [{ gitBranch: async () => undefined }, "USAGE"],
  ])("%j", async (given, code) => {
    await expect(stage(given)).rejects.toMatchObject({ code });
  });
});

describe("a branch of that name", () => {
  const stamp: StageStamp = {
    stage: "phil-a-b",
    owner: "phil",
    gitBranch: "a/b",
    pullRequest: undefined,
    stack: undefined,
    stackBackend: undefined,
    secret: undefined,
  };

  test("is joined by the git branch it was made for, and by its own name", async () => {
    expect(stampConflict(await stage({ branch: "a/b" }), stamp)).toBeUndefined();
    expect(stampConflict(await stage({ stage: "phil-a-b" }), stamp)).toBeUndefined();
  });

  test("is another git branch's", async () => {
    expect(stampConflict(await stage({ branch: "a-b" }), stamp)).toMatch(/for the git branch a\/b/);
  });

  test("is another developer's: phil/a-b and phil-a/b have one name", async () => {
    const other = await stage({ branch: "b", namedDeveloper: "phil-a" });
    expect(other.name).toBe("phil-a-b");
    expect(stampConflict(other, stamp)).toMatch(/it is phil's/);
  });

  test("is a pull request's, and the git branch pr/142 is none", async () => {
    const forPull = { ...stamp, stage: "ci-pr-142", owner: "ci", gitBranch: "x", pullRequest: 142 };
    expect(stampConflict(await stage({ pullRequest: "142" }), forPull)).toBeUndefined();
    const branch = await stage({ branch: "pr/142", namedDeveloper: "ci" });
    expect(stampConflict(branch, forPull)).toMatch(/pull request 142/);
    const forBranch = { ...forPull, gitBranch: "pr/142", pullRequest: undefined };
    expect(stampConflict(await stage({ pullRequest: "142" }), forBranch)).toMatch(/pr\/142/);
  });
});
