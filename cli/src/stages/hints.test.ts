import { expect, test } from "vitest";
import type { CurrentStage } from "./current-stage.ts";
import { missingBranchHint, missingEndpointHint } from "./hints.ts";
import { type StageSource, stageNamed } from "./stage.ts";

const shared = {
  project: "shop",
  stages: {
    dev: { project: "shop", branch: "develop" },
    prod: { project: "shop-prod", branch: "live" },
  },
};
const at = (name: string, source: StageSource): CurrentStage => ({
  ...stageNamed(name, shared),
  source,
  sourceText: source === "environment" ? "DEVSTRIDE_STAGE in the environment" : source,
});
const setup = /ds setup(?! --)/;

test.each<[string, StageSource, string[]]>([
  ["phil-local", "developer", ["ds setup --developer phil"]],
  ["anna-local", "environment", ["ds setup --developer anna"]],
  ["anna-local", "env file", ["ds setup --developer anna"]],
  ["x-hotfix", "environment", ["ds db create dev-x-hotfix", "ds deploy up --stage x-hotfix"]],
  [
    "x-hotfix",
    "env file",
    ["ds db create dev-x-hotfix", "ds deploy up --stage x-hotfix", "ds setup"],
  ],
  [
    "x-hotfix",
    "--target",
    ["ds db branches", "ds db create dev-x-hotfix", "ds deploy up --stage x-hotfix"],
  ],
  ["dev", "environment", ["ds db create develop"]],
  ["prod", "--target", []],
])("no branch of stage %s, from the %s: %j", (name, source, expected) => {
  const hint = missingBranchHint(at(name, source), "shop");
  for (const command of expected) expect(hint).toContain(command);
  // It makes the developer's own local stage, whatever the current one is.
  expect(setup.test(hint)).toBe(expected.includes("ds setup"));
});

test("data that was set aside is told before the command that makes a new branch", () => {
  const stage = at("phil-local", "developer");
  expect(missingBranchHint(stage, "shop", 0)).not.toContain("quarantine");
  expect(missingBranchHint(stage, "shop", 2)).toMatch(/quarantine list.*ds setup --developer phil/);
});

test("a variable of the shell has to be unset", () => {
  expect(missingBranchHint(at("x-hotfix", "environment"), "shop")).toContain(
    "unset DEVSTRIDE_STAGE",
  );
});

test.each<[string, StageSource, string, string[]]>([
  ["phil-local", "env file", "dev-phil-local", ["ds setup --developer phil"]],
  ["x-hotfix", "env file", "dev-x-hotfix", ["ds db create <name> --from dev-x-hotfix"]],
  ["main", "--target", "main", ["ds db create <name> --from main"]],
])("no endpoint of stage %s, from the %s: %j", (name, source, branch, [expected]) => {
  const hint = missingEndpointHint(at(name, source), { name: branch, projectId: "red-sun-1" });
  expect(hint).toContain(expected);
  expect(hint.includes("ds setup")).toBe(name === "phil-local");
});

test("a branch that --branch names is nobody's stage", () => {
  const stage = { ...at("phil-local", "--target"), sourceText: "--branch" };
  const hint = missingEndpointHint(stage, { name: "dev-phil-local", projectId: "red-sun-1" });
  expect(hint).not.toContain("ds setup");
});
