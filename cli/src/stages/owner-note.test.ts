import { expect, test } from "vitest";
import { type OwnerNote, ownerAnnotation, ownerNoteOf, ownerOfBranch } from "./owner-note.ts";

test("what is written is read again", () => {
  const whole: OwnerNote = {
    owner: "phil",
    madeBy: "setup",
    worktree: "feature",
    machine: "0123456789ab",
    gitBranch: "feature/x",
  };
  expect(ownerNoteOf(ownerAnnotation(whole))).toEqual(whole);
  expect(ownerAnnotation({ owner: "phil", madeBy: "create", worktree: undefined })).toEqual({
    "ds-owner": "phil",
    "ds-made-by": "create",
  });
});

test.each<Record<string, string>>([
  {},
  { "ds-owner": "phil" },
  { "ds-owner": "Phil!", "ds-made-by": "setup" },
  { "ds-owner": "phil", "ds-made-by": "somebody" },
])("%j is no note", (annotation) => {
  expect(ownerNoteOf(annotation)).toBeUndefined();
});

test("text that would draw on a terminal is left out", () => {
  const annotation = { "ds-owner": "phil", "ds-made-by": "setup", "ds-worktree": "\u001b[2J" };
  expect(ownerNoteOf(annotation)?.worktree).toBeUndefined();
});

test("the owner: by the note, else by the name", () => {
  const note = ownerAnnotation({ owner: "x", madeBy: "setup", worktree: "a-b" });
  expect(ownerOfBranch({ name: "dev-x-a-b-local", annotation: note })).toBe("x");
  expect(ownerOfBranch({ name: "dev-x-a-b-local", annotation: {} })).toBe("x-a-b");
  expect(ownerOfBranch({ name: "experiment", annotation: {} })).toBeUndefined();
});
