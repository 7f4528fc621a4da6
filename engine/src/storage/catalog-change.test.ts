import { expect, test } from "vitest";
import type { BranchRecord, ProjectRecord, SnapshotRecord } from "../model/records.ts";
import { journalOf } from "./catalog-change.ts";

const project = { id: "p" } as ProjectRecord;
const branch = { id: "br-a", projectId: "p" } as BranchRecord;
const snapshot = { id: "snap-a", projectId: "p" } as SnapshotRecord;

test("a change is the files that it writes and removes", () => {
  const file = { branch, endpoints: [] };
  expect(journalOf({ projects: [project], branches: [file], snapshots: [snapshot] })).toEqual({
    writes: [
      { path: "p/project.json", content: { version: 1, ...project } },
      { path: "p/br-a.json", content: { version: 1, ...file } },
      { path: "p/snap-a.json", content: { version: 1, ...snapshot } },
    ],
    removes: [],
  });
});

test("a project's own file goes last: without it there is no project", () => {
  const change = {
    removedProjects: [project],
    removedBranches: [branch],
    removedSnapshots: [snapshot],
  };
  expect(journalOf(change)).toEqual({
    writes: [],
    removes: ["p/br-a.json", "p/snap-a.json", "p/operations.jsonl", "p/project.json"],
  });
});

test("what a change gives up is written with it, so that it can be removed without guessing", () => {
  const dropped = { dataDir: "a1", record: branch };
  const { writes } = journalOf({ removedBranches: [branch] }, [dropped]);
  expect(writes).toEqual([{ path: "dropped/a1.json", content: dropped }]);
});
