import { expect, test } from "vitest";
import type { Branch } from "../neon/model.ts";
import {
  endlessPoints,
  heldState,
  heldStateText,
  keptFor,
  recoveryPointName,
} from "./recovery-point.ts";
import { branchTree } from "./tree.ts";

const at = new Date(2026, 10, 23, 14, 13, 5);
const branch = (id: string, name: string, more: Partial<Branch> = {}) =>
  ({
    id,
    name,
    projectId: "p",
    parentId: "br-main",
    default: false,
    protected: false,
    createdAt: "2026-11-20T00:00:00Z",
    ...more,
  }) as Branch;
const main = branch("br-main", "main", { default: true, parentId: undefined });
const own = branch("br-own", "dev-phil-local");
const point = (id: string, of: string, kind?: "reset" | "refresh", more: Partial<Branch> = {}) =>
  branch(id, recoveryPointName(of, at, kind), more);

test("a recovery point is one of a branch that is there, or of a stage's", () => {
  const ofMain = point("br-1", "main", "refresh");
  const gone = point("br-2", "dev-anna-local");
  const other = point("br-3", "theirs");
  expect(heldState(ofMain, [main])).toEqual({ branch: "main", kind: "refresh", at });
  expect(heldState(gone, [])?.branch).toBe("dev-anna-local");
  expect(heldState(other, [main])).toBeUndefined();
});

test("without an end are those that nothing forks from, and that have none", () => {
  const all = [
    main,
    own,
    point("br-1", "dev-phil-local"),
    point("br-2", "main", "refresh"),
    point("br-3", "dev-phil-local", "reset", { expiresAt: "2026-11-30T00:00:00Z" }),
    point("br-4", "dev-anna-local"),
    branch("br-5", "try", { parentId: "br-4" }),
  ];
  expect(endlessPoints(all).map(({ point, keptMs }) => [point.id, keptMs])).toEqual([
    ["br-1", keptFor("reset")],
    ["br-2", keptFor("refresh")],
  ]);
});

test("it is short where it stands below its branch: today the time, else the date", () => {
  expect(heldStateText("reset", at, new Date(2026, 10, 23, 23))).toBe("before reset, 14:13");
  expect(heldStateText("undo", at, new Date(2026, 10, 24, 1))).toBe("before undo, 23 Nov");
});

test("recovery points come below their branch, in the order of their age", () => {
  const later = branch(
    "br-2",
    recoveryPointName("dev-phil-local", new Date(at.getTime() + 60_000), "undo"),
  );
  const rows = branchTree([later, point("br-1", "dev-phil-local"), own, main], at);
  expect(rows.map(({ indent, label }) => indent + label)).toEqual([
    "main",
    "└─ dev-phil-local",
    "   ├─ before reset, 14:13",
    "   └─ before undo, 14:14",
  ]);
});

test("a branch that forks from its own recovery point stays below it, with the whole name", () => {
  const parent = point("br-1", "dev-phil-local");
  const rows = branchTree([main, parent, { ...own, parentId: "br-1" }], at);
  expect(rows.map(({ indent, label }) => indent + label)).toEqual([
    "main",
    `└─ ${parent.name}`,
    "   └─ dev-phil-local",
  ]);
});
