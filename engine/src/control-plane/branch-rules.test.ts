import { expect, test } from "vitest";
import type { BranchRecord } from "../model/records.ts";
import { refuseDelete, refuseExpiry, refuseName, refuseRestore } from "./branch-rules.ts";

const branch = (fields: Partial<BranchRecord> = {}): BranchRecord => ({
  id: "br-a",
  projectId: "p",
  name: "a",
  parentId: "br-main",
  default: false,
  protected: false,
  initSource: "parent-data",
  createdAt: "2026-01-01T00:00:00Z",
  updatedAt: "2026-01-01T00:00:00Z",
  roles: [],
  databases: [],
  dataDir: "data",
  passwordsToApply: [],
  ...fields,
});

const { parentId: _, ...root } = branch();
const child = branch({ id: "br-child", name: "child", parentId: "br-a" });

test("a name is refused where the project has it", () => {
  expect(refuseName([branch()], "a")).toMatchObject({
    status: 409,
    code: "BRANCH_ALREADY_EXISTS",
  });
  expect(refuseName([branch()], "b")).toBeUndefined();
});

test.each([
  ["a leaf", branch(), [], undefined],
  ["the default branch", branch({ default: true }), [], "BRANCH_IS_DEFAULT"],
  ["a protected branch", branch({ protected: true }), [], "BRANCH_PROTECTED"],
  ["a parent", branch(), [child], "BRANCH_HAS_CHILDREN"],
  ["the original root", root, [], "BRANCH_IS_ROOT"],
  ["what a restore kept of a root", { ...root, lastResetAt: "2026-01-02" }, [], undefined],
  ["a schema-only branch", { ...root, initSource: "schema-only" as const }, [], undefined],
])("deleting %s", (_, target, children, code) => {
  expect(refuseDelete(target, children)?.code).toBe(code);
});

test.each([
  ["a leaf", branch(), [], undefined],
  ["the default branch", branch({ default: true }), [], "BRANCH_IS_DEFAULT"],
  ["a protected branch", branch({ protected: true }), [], "BRANCH_PROTECTED"],
  ["a parent", branch(), [child], "BRANCH_HAS_CHILDREN"],
])("an expiry of %s", (_, target, children, code) => {
  expect(refuseExpiry(target, children)?.code).toBe(code);
});

const main = branch({ id: "br-main", name: "main" });

test.each([
  ["from another branch", { target: branch() }, undefined],
  ["of a protected branch", { target: branch({ protected: true }) }, "BRANCH_PROTECTED"],
  ["of a parent", { target: branch(), children: [child] }, "BRANCH_HAS_CHILDREN"],
  ["from itself", { target: branch(), source: branch() }, "PRESERVE_NAME_REQUIRED"],
  [
    "from itself, keeping what was",
    { target: branch(), source: branch(), preserveUnderName: "kept" },
    undefined,
  ],
  [
    "keeping what was under a name that is taken",
    { target: branch(), preserveUnderName: "main" },
    "BRANCH_ALREADY_EXISTS",
  ],
])("a restore %s", (_, wanted, code) => {
  const all = { source: main, children: [], branches: [main, branch()], ...wanted };
  expect(refuseRestore(all)?.code).toBe(code);
});
