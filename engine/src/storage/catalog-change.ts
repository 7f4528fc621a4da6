import { join } from "node:path";
import type { BranchFile } from "../model/branch-file.ts";
import type { BranchRecord, ProjectRecord, SnapshotRecord } from "../model/records.ts";
import { recordVersion } from "./record-schemas.ts";

/** What becomes of the catalog in one step. */
export interface Change {
  projects?: ProjectRecord[];
  branches?: BranchFile[];
  snapshots?: SnapshotRecord[];
  removedSnapshots?: SnapshotRecord[];
  removedBranches?: BranchRecord[];
  removedProjects?: ProjectRecord[];
}

/** A data directory that no record refers to any more once the change is made, and the record that did. */
export interface DroppedData {
  dataDir: string;
  record: BranchRecord | SnapshotRecord;
}

/** A change as files; paths are relative to the catalog's directory. */
export interface Journal {
  writes: { path: string; content: unknown }[];
  removes: string[];
}

/**
 * What the change gives up is in its journal: until that data is gone, a file says that nobody needs it. So
 * what a start removes was given up, and is never only a directory whose record is missing.
 */
export function journalOf(change: Change, dropped: DroppedData[] = []): Journal {
  const writes: Journal["writes"] = [];
  const removes: string[] = [];
  for (const project of change.projects ?? []) {
    writes.push({ path: join(project.id, "project.json"), content: versioned(project) });
  }
  for (const file of change.branches ?? []) {
    writes.push({ path: recordPath(file.branch), content: versioned(file) });
  }
  for (const snapshot of change.snapshots ?? []) {
    writes.push({ path: recordPath(snapshot), content: versioned(snapshot) });
  }
  for (const branch of change.removedBranches ?? []) removes.push(recordPath(branch));
  for (const snapshot of change.removedSnapshots ?? []) removes.push(recordPath(snapshot));
  for (const project of change.removedProjects ?? []) {
    removes.push(join(project.id, "operations.jsonl"), join(project.id, "project.json"));
  }
  for (const given of dropped) {
    writes.push({ path: join("dropped", `${given.dataDir}.json`), content: given });
  }
  return { writes, removes };
}

const versioned = <T extends object>(record: T) => ({ version: recordVersion, ...record });

const recordPath = (record: BranchRecord | SnapshotRecord) =>
  join(record.projectId, `${record.id}.json`);
