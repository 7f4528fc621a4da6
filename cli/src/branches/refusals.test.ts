import { expect, test } from "vitest";
import { aBranch } from "../../test/helpers/branch.ts";
import type { DsError } from "../errors/ds-error.ts";
import type { Branch } from "../neon/model.ts";
import { type Stage, stageNamed } from "../stages/stage.ts";
import { recoveryPointName, surplusPoints } from "./recovery-point.ts";
import {
  refuseBranch,
  refuseOtherBranch,
  refuseOthersBranch,
  refuseOthersStage,
  refuseSharedStage,
} from "./refusals.ts";

const shared = { project: "p", stages: { dev: { project: "p", branch: undefined } } };
const stage: Stage = stageNamed("phil-local", shared);

const branch = (patch: Partial<Branch> = {}): Branch =>
  aBranch({ createdAt: "2026-11-01T00:00:00Z", updatedAt: "2026-11-01T00:00:00Z", ...patch });

/** The reason of a refusal. */
const outcome = (work: () => void) => {
  try {
    work();
    return "allowed";
  } catch (error) {
    expect(error).toMatchObject({ code: "REFUSED" });
    return (error as DsError).reason;
  }
};

test.each([
  ["phil-local", "allowed"],
  ["dev", "STAGE_IS_SHARED"],
  ["main", "STAGE_IS_SHARED"],
])("stage %s: %s", (name, expected) => {
  expect(outcome(() => refuseSharedStage(stageNamed(name, shared)))).toBe(expected);
});

test.each([
  ["one of ours", {}, "allowed"],
  ["called main", { name: "main" }, "BRANCH_IS_DEFAULT"],
  ["the default", { default: true }, "BRANCH_IS_DEFAULT"],
  ["protected", { protected: true }, "BRANCH_PROTECTED"],
  ["a root", { parentId: undefined }, "BRANCH_IS_ROOT"],
  ["a shared stage's", { name: "dev-one-shared" }, "BRANCH_IS_SHARED"],
  ["somebody else's", { name: "staging-copy" }, "NOT_OWN_BRANCH"],
  ["almost ours", { name: "dev-Phil-local" }, "NOT_OWN_BRANCH"],
])("a branch that is %s: %s", (_, patch, expected) => {
  expect(outcome(() => refuseBranch(stage, branch(patch), ["dev-one-shared"]))).toBe(expected);
});

test.each([
  ["dev-phil-local", "allowed"],
  ["dev-phil-agent-x", "allowed"],
  ["dev-anna-local", "NOT_OWN_BRANCH"],
  ["dev-philip-local", "NOT_OWN_BRANCH"],
  // Its owner's note decides, not its name.
  ["made-by-hand", "allowed"],
])("the stage of %s, named by phil: %s", (name, expected) => {
  const named = () =>
    refuseOthersStage(stage, branch({ name }), { developer: "phil", action: "reset" });
  expect(outcome(named)).toBe(expected);
});

test.each([
  ["br-one-two-three", "allowed"],
  ["br-other", "BRANCH_UNPROVEN"],
  [undefined, "BRANCH_UNPROVEN"],
])("a server that says it serves %s: %s", (proof, expected) => {
  expect(outcome(() => refuseOtherBranch(stage, branch(), proof))).toBe(expected);
});

test("surplus recovery points: only this branch's own, without children, beyond the newest", () => {
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
  const surplus = (keep: number) =>
    surplusPoints("dev-phil-local", branches, keep).map(({ id }) => id);
  expect(surplus(1)).toEqual(["br-1"]);
  expect(surplus(0)).toEqual(["br-0", "br-1"]);
  expect(surplus(2)).toEqual([]);
});

const by = (owner: string) => ({ "ds-owner": owner, "ds-made-by": "create" });

test.each<[string, Partial<Branch>, string]>([
  ["made by hand, one's own", { name: "try", annotation: by("phil") }, "allowed"],
  ["made by hand, another's", { name: "try", annotation: by("anna") }, "NOT_OWN_BRANCH"],
])("who may reset a branch that is %s", (_, patch, expected) => {
  const reset = () => refuseBranch(stage, branch(patch), [], "reset", "phil");
  expect(outcome(reset)).toBe(expected);
});

test.each<[string, Partial<Branch>, boolean, string]>([
  ["a stage's of one's own", { name: "dev-phil-local" }, false, "allowed"],
  ["a cloud stage's of one's own", { name: "dev-phil-auth" }, false, "allowed"],
  ["another developer's", { name: "dev-anna-local" }, true, "NOT_OWN_BRANCH"],
  ["another's cloud stage's", { name: "dev-anna-auth" }, true, "NOT_OWN_BRANCH"],
  [
    "named like one's own, and another's",
    { name: "dev-phil-x-local", annotation: { "ds-owner": "phil-x", "ds-made-by": "setup" } },
    true,
    "NOT_OWN_BRANCH",
  ],
  ["nobody's, on this machine", { name: "try" }, true, "allowed"],
  ["nobody's, in the cloud", { name: "try" }, false, "NOT_OWN_BRANCH"],
  ["main", { name: "main", default: true }, true, "BRANCH_IS_DEFAULT"],
  ["a shared stage's", { name: "data" }, true, "BRANCH_IS_SHARED"],
  ["protected", { name: "dev-phil-local", protected: true }, true, "BRANCH_PROTECTED"],
  ["a root", { name: "try", parentId: undefined }, true, "BRANCH_IS_ROOT"],
  [
    "a recovery point",
    { name: recoveryPointName("dev-phil-local", new Date()) },
    true,
    "NOT_OWN_BRANCH",
  ],
])("whose branch a checkout may be put on: %s", (_, patch, isLocal, expected) => {
  const oneself = { developer: "phil", isLocal, sharedBranches: ["data"] };
  expect(outcome(() => refuseOthersBranch(branch(patch), oneself, "used"))).toBe(expected);
});
