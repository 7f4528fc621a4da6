import { expect, test } from "vitest";
import { aBranch } from "../../test/helpers/branch.ts";
import { type OwnerNote, ownerAnnotation } from "../stages/owner-note.ts";
import { isOthers, type OwnBranch } from "./own-stage.ts";

const worktree: OwnBranch = { owner: "x", worktree: "a-b", machine: "m1" };
const main: OwnBranch = { owner: "x-a-b" };
const note = (patch: Partial<OwnerNote>): OwnerNote => ({ ...worktree, madeBy: "setup", ...patch });

test.each<[string, OwnBranch, OwnerNote | undefined, boolean, boolean]>([
  ["its own", worktree, note({}), false, false],
  ["of x-a, worktree b", worktree, note({ owner: "x-a", worktree: "b" }), false, true],
  ["of x-a-b, main worktree", worktree, { owner: "x-a-b", madeBy: "setup" }, false, true],
  ["without a note", worktree, undefined, false, true],
  ["without a note, but named by the env file", worktree, undefined, true, false],
  ["of another machine", worktree, note({ machine: "m2" }), false, true],
  ["of another machine, but named by the env file", worktree, note({ machine: "m2" }), true, false],
  ["a worktree named a_b", worktree, note({ worktree: "a_b" }), true, true],
  ["the main worktree's own", main, { owner: "x-a-b", madeBy: "setup" }, false, false],
  ["the main worktree's own, without a note", main, undefined, false, false],
  ["in the main worktree, x's worktree", main, note({}), false, true],
])("%s", (_, own, made, isNamed, expected) => {
  const annotation = made === undefined ? {} : ownerAnnotation(made);
  const branches = [aBranch({ name: "dev-x-a-b-local", annotation })];
  expect(isOthers("x-a-b-local", branches, own, isNamed)).toBe(expected);
  expect(isOthers("x-c-local", branches, own, isNamed)).toBe(false);
});
