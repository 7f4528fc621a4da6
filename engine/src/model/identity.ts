import type { BranchFile } from "./branch-file.ts";
import type { ProjectRecord, SnapshotRecord } from "./records.ts";

/** Whose data a data directory holds: a second copy of the records, inside it. */
export type Identity = { dataDir: string; project: ProjectRecord } & (
  | { branch: BranchFile }
  | { snapshot: SnapshotRecord }
);
