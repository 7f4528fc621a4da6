import { describe, expect, test } from "vitest";
import { slug } from "../lib/text/slug.ts";
import {
  branchOfStage,
  branchOfStageIn,
  checkDeveloper,
  cloudStageName,
  developerFrom,
  isPersonalStageName,
  localStageName,
  stageNamed,
  stageOfBranch,
  stageOfFound,
  stageOrBranchNamed,
} from "./stage.ts";

const shared = {
  project: "devstride",
  stages: {
    dev: { project: "devstride", branch: undefined },
    prod: { project: "devstride-prod", branch: "live" },
  },
};

describe("slug", () => {
  test.each([
    ["feature/auth-v2", "feature-auth-v2"],
    ["Phil Smith", "phil-smith"],
    ["Björn Ünal", "bjorn-unal"],
    ["Weiß", "weiss"],
    ["Łukasz Ørsted", "lukasz-orsted"],
    ["--a__b..c--", "a-b-c"],
    ["../../etc", "etc"],
    ["..", ""],
    ["张伟", ""],
    ["", ""],
  ])("%s -> %s", (text, expected) => expect(slug(text)).toBe(expected));
});

describe("developer names", () => {
  test.each(["phil", "anna-b", "a1", "x".repeat(30)])("%s is one", (name) =>
    expect(checkDeveloper(name, "--developer")).toBe(name),
  );

  test.each(["", "..", "../../etc", "Phil", "a--b", "-a", "a-", "a b", "a/b", "ä", "x".repeat(31)])(
    "%s is refused as bad usage",
    (name) => {
      expect(() => checkDeveloper(name, "--developer")).toThrow(
        expect.objectContaining({ code: "USAGE", reason: "NAME_INVALID" }),
      );
    },
  );

  test.each(["dev", "prod", "main", "local"])("%s would read as a shared stage", (name) => {
    expect(() => checkDeveloper(name, "DS_DEVELOPER")).toThrow(
      expect.objectContaining({ code: "USAGE", reason: "NAME_RESERVED" }),
    );
    expect(developerFrom(name)).toBeUndefined();
  });

  test("a long free text is cut, and two that begin alike stay apart", () => {
    const one = developerFrom(`${"a".repeat(40)} one`) ?? "";
    const two = developerFrom(`${"a".repeat(40)} two`) ?? "";
    expect(one).toMatch(/^a{23}-[0-9a-f]{6}$/);
    expect(two).not.toBe(one);
    expect(checkDeveloper(one, "git")).toBe(one);
  });
});

describe("cloud stages", () => {
  test("are named after developer and git branch", () => {
    expect(cloudStageName("phil", "feature/auth-v2")).toBe("phil-feature-auth-v2");
    expect(cloudStageName("ci", "pr-142")).toBe("ci-pr-142");
  });

  test("a long git branch: 63 characters with the branch's prefix, never the same as another", () => {
    const names = ["one", "two"].map((end) => cloudStageName("phil", `${"x".repeat(80)}-${end}`));
    expect(new Set(names).size).toBe(2);
    for (const name of names) {
      expect(branchOfStage(name)).toHaveLength(63);
      expect(name).toMatch(/-[0-9a-f]{6}$/);
      expect(stageOfBranch(branchOfStage(name))).toBe(name);
    }
  });

  test("a cut never leaves two hyphens in a row", () => {
    const name = cloudStageName("phil", `${"x".repeat(46)}-${"y".repeat(40)}`);
    expect(isPersonalStageName(name)).toBe(true);
  });

  test("a git branch without a letter is refused", () => {
    expect(() => cloudStageName("phil", "///")).toThrow(
      expect.objectContaining({ code: "USAGE", reason: "NAME_INVALID" }),
    );
  });
});

describe("what a name stands for", () => {
  test("a personal stage is a branch of the project", () => {
    expect(stageNamed("phil-local", shared)).toEqual({
      name: "phil-local",
      kind: "personal",
      project: "devstride",
      branch: "dev-phil-local",
      protected: false,
    });
  });

  test("declared stages are shared and protected, wherever they are", () => {
    expect(stageNamed("dev", shared)).toMatchObject({ kind: "shared", protected: true });
    expect(stageNamed("prod", shared)).toMatchObject({ project: "devstride-prod", branch: "live" });
  });

  test("main is the default branch, protected, declared or not", () => {
    expect(stageNamed("main", { project: "p", stages: {} })).toMatchObject({
      branch: undefined,
      protected: true,
    });
  });

  test.each(["nobody", "..", "a/../b", "Phil-local", "a--b", "", "constructor", "x-".repeat(40)])(
    "%s is no stage",
    (name) =>
      expect(() => stageNamed(name, shared)).toThrow(
        expect.objectContaining({ code: "NOT_FOUND", reason: "STAGE_UNKNOWN" }),
      ),
  );

  test("a branch by its own name, where no stage's is there; never by that of a checkout's stage", () => {
    const found = (name: string, ...branches: string[]) =>
      branchOfStageIn(
        stageOrBranchNamed(name, shared),
        branches.map((each) => ({ name: each, default: each === "main" })),
      )?.name;
    expect(found("experiment", "main", "experiment")).toBe("experiment");
    expect(found("try-index", "try-index")).toBe("try-index");
    expect(found("try-index", "try-index", "dev-try-index")).toBe("dev-try-index");
    expect(found("dev-phil-local", "dev-phil-local")).toBe("dev-phil-local");
    expect(found("phil-local", "phil-local")).toBeUndefined();
    expect(found("main", "main")).toBe("main");
  });

  test("the branch of a declared stage is that stage's, by whatever name it is asked for", () => {
    const stages = {
      staging: { project: "p", branch: "data" },
      far: { project: "q", branch: "x" },
    };
    expect(stageOrBranchNamed("data", { project: "p", stages })).toMatchObject({
      name: "staging",
      kind: "shared",
      protected: true,
    });
    expect(stageOrBranchNamed("x", { project: "p", stages })).toMatchObject({ kind: "personal" });
  });

  test("found to be the default branch, it is shared", () => {
    const stage = stageOrBranchNamed("trunk", shared);
    const branch = { name: "trunk", default: true, protected: false };
    expect(stageOfFound(stage, branch)).toMatchObject({ kind: "shared", protected: true });
    const own = { name: "dev-phil-x", default: false, protected: false };
    expect(stageOfFound(stageOrBranchNamed("dev-phil-x", shared), own)).toMatchObject({
      name: "phil-x",
      kind: "personal",
    });
  });

  test("branches of other tools are nobody's stage", () => {
    for (const name of ["main", "feature", "dev-", "dev-phil", "preview/pr-1", "dev-Phil-local"]) {
      expect(stageOfBranch(name), name).toBeUndefined();
    }
    expect(stageOfBranch(branchOfStage(localStageName("phil")))).toBe("phil-local");
  });
});
