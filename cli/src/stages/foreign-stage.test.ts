import { expect, test } from "vitest";
import { copiedEnvFile, type EnvFileStage, foreignStage } from "./foreign-stage.ts";

const linked: EnvFileStage = {
  stage: "phil-feature-local",
  own: "phil-feature-local",
  main: "phil-local",
  worktree: "feature",
  used: [],
  holder: undefined,
};
const main: EnvFileStage = { ...linked, own: "phil-local", worktree: undefined };

test.each<[string, EnvFileStage, string | undefined]>([
  ["its own", linked, undefined],
  ["the main worktree's", { ...linked, stage: "phil-local" }, ""],
  ["a developer's whom nobody here knows", { ...linked, stage: "anna-local" }, ""],
  ["another worktree's", { ...linked, stage: "phil-b-local", holder: "b" }, "b"],
  ["what it was pointed at", { ...linked, stage: "phil-local", used: ["phil-local"] }, undefined],
  ["a shared one", { ...linked, stage: "dev" }, undefined],
  ["a cloud stage", { ...linked, stage: "phil-auth" }, undefined],
  ["in the main worktree, a linked one's", { ...main, holder: "feature" }, "feature"],
  ["in the main worktree, another developer's", { ...main, stage: "anna-local" }, undefined],
])("%s", (_, of, expected) => {
  expect(foreignStage(of)).toBe(expected);
});

test("the sentence names both stages and both ways on", () => {
  const error = copiedEnvFile({ ...linked, stage: "phil-local" }, ".env", "");
  expect(error).toMatchObject({ code: "REFUSED", reason: "ENV_FILE_OF_OTHER_WORKTREE" });
  expect(error.message).toContain("phil-local, which is the main worktree's");
  expect(error.hint).toMatch(/ds setup\. .*ds db use phil-local/);
});
