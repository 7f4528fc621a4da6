import { readdir, readFile, rmdir } from "node:fs/promises";
import { join } from "node:path";
import { isTemporary } from "../../lib/io/files.ts";
import type { BranchFile } from "../../model/branch-file.ts";
import type { OperationRecord, ProjectRecord, SnapshotRecord } from "../../model/records.ts";
import type { Change } from "../catalog-change.ts";
import type { Disk } from "./journaled-files.ts";
import { readRecord } from "./read-record.ts";

const maxOperations = 1000;

/** What a project's directory holds, and what was done there; undefined when there is no project. */
export async function readProject(
  directory: string,
  disk: Disk,
): Promise<{ records: Change; operations: OperationRecord[] } | undefined> {
  const names = await readdir(directory);
  for (const name of names.filter(isTemporary)) await disk.unlinkIfThere(join(directory, name));
  const project = await readRecord<ProjectRecord>(join(directory, "project.json"));
  if (!project) {
    // Without its project.json a project was deleted, or never came to be.
    await rmdir(directory).catch(() => {});
    return undefined;
  }
  const branches: BranchFile[] = [];
  const snapshots: SnapshotRecord[] = [];
  for (const name of names) {
    if (name.startsWith("br-") && name.endsWith(".json")) {
      const file = await readRecord<BranchFile>(join(directory, name));
      if (file) branches.push(file);
    }
    if (name.startsWith("snap-") && name.endsWith(".json")) {
      const snapshot = await readRecord<SnapshotRecord>(join(directory, name));
      if (snapshot) snapshots.push(snapshot);
    }
  }
  const operations = await readOperations(join(directory, "operations.jsonl"));
  return { records: { projects: [project], branches, snapshots }, operations };
}

async function readOperations(path: string): Promise<OperationRecord[]> {
  const operations: OperationRecord[] = [];
  const log = await readFile(path, "utf8").catch(() => "");
  for (const line of log.split("\n").slice(-maxOperations)) {
    // The last line may be cut off by a crash.
    try {
      if (line) operations.push(JSON.parse(line) as OperationRecord);
    } catch {}
  }
  return operations;
}
