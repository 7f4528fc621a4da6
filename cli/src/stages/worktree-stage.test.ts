import { expect, test } from "vitest";
import { isPersonalStageName } from "./stage.ts";
import { worktreeStageName } from "./worktree-stage.ts";

test.each([
  ["phil", "feature", undefined, "phil-feature-local"],
  ["phil", "Feature_X", undefined, "phil-feature-x-local"],
  ["x", "a-b", undefined, "x-a-b-local"],
  ["x-a", "b", undefined, "x-a-b-local"],
  ["phil", "local", undefined, "phil-local-local"],
])("%s, worktree %s", (developer, worktree, mark, expected) => {
  expect(worktreeStageName(developer, worktree, mark)).toBe(expected);
});

test.each([
  ["phil", "日本"],
  ["phil", "a".repeat(200)],
  ["p".repeat(30), "feature-".repeat(20)],
])("%s, worktree %s: a stage's name, whatever git calls it", (developer, worktree) => {
  for (const mark of [undefined, "/shop/.git/worktrees/x"]) {
    const name = worktreeStageName(developer, worktree, mark);
    expect(isPersonalStageName(name), name).toBe(true);
    expect(name.endsWith("-local"), name).toBe(true);
  }
});

test("a mark tells two of one name apart, also where the name is cut", () => {
  for (const worktree of ["feature", "f".repeat(90)]) {
    const names = [undefined, "/a", "/b"].map((mark) => worktreeStageName("phil", worktree, mark));
    expect(new Set(names).size).toBe(3);
  }
  expect(worktreeStageName("phil", `${"f".repeat(90)}a`)).not.toBe(
    worktreeStageName("phil", `${"f".repeat(90)}b`),
  );
});
