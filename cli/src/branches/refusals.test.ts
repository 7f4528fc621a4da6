import { expect, test } from "vitest";
import { aBranch } from "../../test/helpers/branch.ts";
import type { DsError } from "../errors/ds-error.ts";
import type { Branch } from "../neon/model.ts";
import { type Stage, stageNamed } from "../stages/stage.ts";
import { outdatedRecoveryPoints, recoveryPointName } from "./recovery-point.ts";
import { refuseBranch, refuseOtherBranch, refuseSharedStage } from "./refusals.ts";

const shared = { project: "p", stages: { dev: { project: "p", branch: undefined } } };
const stage: Stage = stageNamed("phil-local", shared);

const branch = (patch: Partial<Branch> = {}): Branch =>
  aBranch({ createdAt: "2026-11-01T00:00:00Z", updatedAt: "2026-11-01T00:00:00Z", ...patch });

const code = (work: () => void) => {
  try {
    work();
    return "allowed";
  } catch (error) {
    return (error as DsError).code;
  }
};

test.each([
  ["phil-local", "allowed"],
  ["dev", "REFUSED"],
  ["main", "REFUSED"],
])("stage %s: %s", (name, expected) => {
  expect(code(() => refuseSharedStage(stageNamed(name, shared)))).toBe(expected);
});

test.each([
  ["one of ours", {}, "allowed"],
  ["called main", { name: "main" }, "REFUSED"],
  ["the default", { default: true }, "REFUSED"],
  ["protected", { protected: true }, "REFUSED"],
  ["a root", { parentId: undefined }, "REFUSED"],
  ["somebody else's", { name: "staging-copy" }, "REFUSED"],
  ["almost ours", { name: "dev-Phil-local" }, "REFUSED"],
])("a branch that is %s: %s", (_, patch, expected) => {
  expect(code(() => refuseBranch(stage, branch(patch)))).toBe(expected);
});

test.each([
  ["br-one-two-three", "allowed"],
  ["br-other", "REFUSED"],
  [undefined, "REFUSED"],
])("a server that says it serves %s: %s", (proof, expected) => {
  expect(code(() => refuseOtherBranch(stage, branch(), proof))).toBe(expected);
});

test("recovery points: only this branch's own, without children, older than the newest", () => {
  const newest = recoveryPointName("dev-phil-local", new Date("2026-11-23T16:05:12.999Z"));
  expect(newest).toBe("dev-phil-local-before-reset-20261123160512999");
  const names = [
    newest,
    "dev-phil-local-before-reset-20261122000000000",
    "dev-phil-local-before-reset-20261121000000000",
    "dev-phil-local-before-reset-by-hand",
    "dev-phil-local-before-reset-20261122000000000-before-reset-20261123000000000",
    "dev-anna-local-before-reset-20261122000000000",
  ];
  const branches = names.map((name, index) => branch({ id: `br-${index}`, name }));
  branches.push(branch({ id: "br-child", name: "dev-phil-try", parentId: "br-2" }));
  expect(outdatedRecoveryPoints("dev-phil-local", branches, newest).map(({ id }) => id)).toEqual([
    "br-1",
  ]);
});
