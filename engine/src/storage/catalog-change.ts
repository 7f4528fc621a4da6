import { join } from "node:path";
import type { BranchFile } from "../model/branch-file.ts";
import type { BranchRecord, ProjectRecord, SnapshotRecord } from "../model/records.ts";

/** What becomes of the catalog in one step. */
export interface Change {
  projects?: ProjectRecord[];
  branches?: BranchFile[];
  snapshots?: SnapshotRecord[];
  removedSnapshots?: SnapshotRecord[];
  removedBranches?: BranchRecord[];
  removedProjects?: ProjectRecord[];
}

/** A change as files; paths are relative to the catalog's directory. */
export interface Journal {
  writes: { path: string; content: unknown }[];
  removes: string[];
}

export function journalOf(change: Change): Journal {
  const writes: Journal["writes"] = [];
  const removes: string[] = [];
  for (const project of change.projects ?? []) {
    writes.push({ path: join(project.id, "project.json"), content: project });
  }
  for (const file of change.branches ?? []) {
    writes.push({ path: recordPath(file.branch), content: file });
  }
  for (const snapshot of change.snapshots ?? []) {
    writes.push({ path: recordPath(snapshot), content: snapshot });
  }
  for (const branch of change.removedBranches ?? []) removes.push(recordPath(branch));
  for (const snapshot of change.removedSnapshots ?? []) removes.push(recordPath(snapshot));
  for (const project of change.removedProjects ?? []) {
    removes.push(join(project.id, "operations.jsonl"), join(project.id, "project.json"));
  }
  return { writes, removes };
}

const recordPath = (record: BranchRecord | SnapshotRecord) =>
  join(record.projectId, `${record.id}.json`);
