import { expect, test } from "vitest";
import { stageOfBranch } from "../../stages/stage.ts";
import { agentStage, checkAgentName } from "./agent-name.ts";

test.each(["x", "try-index", "a1-b2"])("%s names an agent", (name) => {
  expect(checkAgentName(name)).toBe(name);
});

test.each(["", "X", "-a", "a--b", "a/b", "a b", "a".repeat(31)])("%j does not", (name) => {
  expect(() => checkAgentName(name)).toThrow(expect.objectContaining({ reason: "NAME_INVALID" }));
});

test("its branch is a personal stage's, however long the names are", () => {
  const { stage, branch } = agentStage("pat", "try-index");
  expect([stage, branch]).toEqual(["pat-agent-try-index", "dev-pat-agent-try-index"]);
  const long = agentStage("p".repeat(30), "a".repeat(30));
  expect(stageOfBranch(long.branch)).toBe(long.stage);
});
