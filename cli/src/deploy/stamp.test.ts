import { expect, test } from "vitest";
import { type StageStamp, stampOf, toAnnotation } from "./stamp.ts";

const stamp: StageStamp = {
  stage: "ci-pr-142",
  owner: "ci",
  gitBranch: "feature/auth-v2",
  pullRequest: 142,
  stack: "organization/shop-stage/ci-pr-142",
  stackBackend: "s3://state",
  secret: "/ds/shop/ci-pr-142/database",
};

test("a stamp comes back from the annotation as it was, with all or only some of its parts", () => {
  expect(stampOf(toAnnotation(stamp))).toEqual(stamp);
  const bare = { ...stamp, gitBranch: undefined, pullRequest: undefined, stack: undefined };
  expect(stampOf(toAnnotation(bare))).toEqual(bare);
  expect(Object.values(toAnnotation(bare)).every((value) => typeof value === "string")).toBe(true);
});

test.each([
  [{}],
  [{ "ds-stage": "ci-pr-1" }],
  [{ "ds-stage": "../../ci-pr-1", "ds-owner": "ci" }],
  [{ "ds-stage": "prod", "ds-owner": "ci" }],
  [{ "github-commit-ref": "main" }],
])("%j is not our stamp", (annotation) => expect(stampOf(annotation)).toBeUndefined());

test("a number that is none is left out", () => {
  expect(stampOf({ ...toAnnotation(stamp), "ds-pull-request": "x" })?.pullRequest).toBeUndefined();
});
