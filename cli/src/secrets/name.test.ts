import { expect, test } from "vitest";
import { secretNameOf, secretPatternProblem, secretPrefix, stageOfSecret } from "./name.ts";

const pattern = "/ds/{project}/{stage}/database";

test("a stage's secret has one name, and the name tells its stage", () => {
  expect(secretNameOf(pattern, "Dev Stride", "ci-pr-142")).toBe(
    "/ds/dev-stride/ci-pr-142/database",
  );
  expect(stageOfSecret(pattern, "Dev Stride", "/ds/dev-stride/ci-pr-142/database")).toBe(
    "ci-pr-142",
  );
  expect(secretPrefix(pattern, "Dev Stride")).toBe("/ds/dev-stride/");
});

test.each([
  "/ds/other/ci-pr-142/database",
  "/ds/dev-stride/ci-pr-142/database2",
  "/ds/dev-stride/a/b/database",
  "/ds/dev-stride//database",
])("%s is no secret of a stage of this project", (name) => {
  expect(stageOfSecret(pattern, "dev-stride", name)).toBeUndefined();
});

test.each([
  [pattern, undefined],
  ["team/{stage}.db", undefined],
  ["/ds/{project}/database", /once/],
  ["/{stage}/{stage}/x", /once/],
  ["/ds/{stage}", /placeholder/],
  ["/{stage}/my-secret", /six characters/],
  ["/ds {stage}/x", /letters/],
])("the pattern %s", (text, problem) => {
  const found = secretPatternProblem(text);
  if (problem) expect(found).toMatch(problem);
  else expect(found).toBeUndefined();
});
