import { describe, expect, test } from "vitest";
import { aBranch } from "../../test/helpers/branch.ts";
import type { ErrorReason } from "../errors/error-reason.ts";
import { branchNamed } from "../neon/lookup.ts";
import type { Branch } from "../neon/model.ts";
import { deletionRefusal } from "./deletion-refusal.ts";
import { checkBranchName } from "./names.ts";
import { branchTree } from "./tree.ts";

const branch = (name: string, more: Partial<Branch> = {}): Branch =>
  aBranch({
    id: `br-${name}-x-1`,
    name,
    parentId: name === "main" ? undefined : "br-main-x-1",
    createdAt: "2026-01-01T00:00:00Z",
    updatedAt: "2026-01-01T00:00:00Z",
    default: name === "main",
    ...more,
  });

describe("branches", () => {
  const main = branch("main");
  const one = branch("dev-one-local");
  const child = branch("child", { parentId: one.id, createdAt: "2026-01-02T00:00:00Z" });
  const two = branch("dev-two-local", { createdAt: "2026-01-03T00:00:00Z" });
  const all = [two, child, one, main];

  test("are drawn as a tree", () => {
    expect(branchTree(all, new Date(0)).map(({ branch, indent }) => indent + branch.name)).toEqual([
      "main",
      "├─ dev-one-local",
      "│  └─ child",
      "└─ dev-two-local",
    ]);
  });

  test("whose parent is gone are shown as roots, not lost", () => {
    const lost = branch("lost", { parentId: "br-gone-x-1" });
    expect(branchTree([lost, main], new Date(0)).map(({ branch }) => branch.name)).toEqual([
      "main",
      "lost",
    ]);
  });

  test.each<[Branch, ErrorReason | undefined]>([
    [main, "BRANCH_IS_DEFAULT"],
    [branch("x", { default: true }), "BRANCH_IS_DEFAULT"],
    [branch("root", { parentId: undefined }), "BRANCH_IS_ROOT"],
    [branch("x", { protected: true }), "BRANCH_PROTECTED"],
    [branch("shared"), "BRANCH_IS_SHARED"],
    [one, "BRANCH_HAS_CHILDREN"],
    [two, undefined],
  ])("deleting one", (candidate, reason) => {
    const refusal = deletionRefusal(candidate, all, ["shared"]);
    if (reason) expect(refusal).toMatchObject({ code: "REFUSED", reason });
    else expect(refusal).toBeUndefined();
    expect(refusal?.status ?? 6).toBe(6);
  });

  test("whoever may not delete one is told the branches that fork from it", () => {
    expect(deletionRefusal(one, all, [])?.message).toContain("child");
  });

  test("are found by name or id", () => {
    expect(branchNamed(all, "child", "p")).toBe(child);
    expect(branchNamed(all, two.id, "p")).toBe(two);
    expect(() => branchNamed(all, "nope", "p")).toThrow(
      expect.objectContaining({ code: "NOT_FOUND", reason: "BRANCH_NOT_FOUND" }),
    );
  });

  test.each(["", " a", "a\n", "br-old-star-a1b2c3", "x".repeat(257)])("%j names none", (name) => {
    expect(() => checkBranchName(name)).toThrow(
      expect.objectContaining({ code: "USAGE", reason: "NAME_INVALID" }),
    );
  });

  test.each(["try-new-index", "preview/pr-1", "Größe"])("%s may name one", (name) => {
    expect(checkBranchName(name)).toBe(name);
  });
});
