/**
 * What the engine tells this command beside Neon's API. The engine has its own definitions, as neither member
 * imports the other; cli/test/neon/engine-contract.test.ts holds the two against each other.
 */

/** Answer of `GET /engine/status`. */
export interface EngineStatus {
  version: string;
  pid: number;
  home: string;
  url: string;
  startedAt: string;
  projects: number;
  branches: number;
  computesRunning: number;
  /** How a new branch's data comes to be, and for "copy" why, and what would make it instant. */
  clone: { method: "reflink" | "copy"; reason?: string; advice?: string };
  disk: { usedBytes: number; freeBytes: number; volume: "directory" | "image" };
  postgres: { version: string; bin: string };
  /** Other versions of Postgres; `version` is null where its server cannot be used. */
  otherPostgres: { major: number; version: string | null; bin: string }[];
  /** Read replicas that run; `lagBytes`: the log that they have not replayed, null where that is not known. */
  replicas: { endpointId: string; branch: string; lagBytes: number | null }[];
  /** What was added to Postgres. */
  extensions: { name: string; version: string }[];
  quarantine: Quarantined[];
  problems: string[];
}

/** Data that no record refers to, kept by the engine until a person removes it, or for 30 days. */
interface Quarantined {
  name: string;
  path: string;
  at: string;
  until: string;
  why: string;
  was?: string;
}

/** What a branch or a snapshot takes on the disk, in bytes. */
export interface DiskSize {
  id: string;
  projectId: string;
  name: string;
  kind: "branch" | "snapshot" | "replica";
  /** The data directory, its log included; blocks that it shares with others are counted in full. */
  dataBytes: number;
  /** Of that, the write-ahead log. */
  walBytes: number;
  /** The copies from which its past is made again. */
  bases: number;
  basesBytes: number;
  /** What nobody else shares: it is free once this is deleted. Null where the system does not tell. */
  ownBytes: number | null;
}

/** Answer of `GET /engine/sizes`. */
export interface DiskSizes {
  sizes: DiskSize[];
  /** Of all of them, each block counted once; null where the system does not tell. */
  allBytes: number | null;
}

/** How far an operation is that copies data. */
export interface OperationProgress {
  projectId: string;
  operationIds: string[];
  /** Name of the branch or snapshot whose data is copied. */
  source: string;
  copiedBytes: number;
  totalBytes: number;
}

/** Answer of `GET /engine/progress`. */
export interface OperationsProgress {
  operations: OperationProgress[];
}

/** Where an extension was taken from, for people; `archiveSha256` of the archive, where it is one of a known source. */
export interface ExtensionOrigin {
  from: string;
  licence?: string | undefined;
  archiveSha256?: string | undefined;
}

/** An extension that was added to the engine's Postgres. */
interface AddedExtension extends ExtensionOrigin {
  name: string;
  version: string;
  major: number;
  bytes: number;
  folder: string;
  sha256: string;
  addedAt: string;
}

/** A running branch whose Postgres was started before extensions were added or removed. */
export interface WaitingBranch {
  projectId: string;
  branchId: string;
  name: string;
}

/** Answer of `GET /engine/extensions`. */
export interface ExtensionList {
  /** Major version of the engine's Postgres. */
  major: number;
  extensions: AddedExtension[];
  /** Names of those that Postgres has by itself. */
  builtIn: string[];
  /** Names of those whose files, or whose description, are damaged. */
  damaged: string[];
  waiting: WaitingBranch[];
}

/** Answer of `POST /engine/extensions/add`. */
export type ExtensionAddition =
  | {
      status: "added" | "replaced" | "present";
      extension: AddedExtension;
      waiting: WaitingBranch[];
    }
  | { status: "built-in"; version: string };

/** Answer of `POST /engine/extensions/remove`. */
export interface ExtensionRemoval {
  extension: AddedExtension;
  /** How many snapshots there are, which nobody looked into. */
  snapshots: number;
}

/** What is read of `engine.json` in the home, where a running engine says who it is. */
export interface EngineState {
  url: string;
  homeId: string;
}

/** What is read of `GET /health?nonce=…`, which needs no key. */
export interface EngineHealth {
  homeId: string;
  pid: number;
  /** See engine-proof.ts. */
  proof?: string;
}

/** Why the engine did not start: one of this command's own codes. */
export type StartFailure =
  | "CONFLICT"
  | "PREREQUISITE_MISSING"
  | "CONFIG_INVALID"
  | "UPSTREAM"
  | "USAGE";

/** What exactly it was, where a code covers several cases. */
export type StartReason = "HOME_DAMAGED";

/** What the engine says over its IPC channel, once. `setAside`: how many data directories, by this start. */
export type StartReport =
  | { type: "ready"; url: string; pid: number; setAside?: number }
  | { type: "failed"; code: StartFailure; message: string; hint?: string; reason?: StartReason };

/** What the engine's program says of a home when it is asked to repair it: over its IPC channel, once. */
export interface RepairReport {
  type: "repair";
  /** What is mended, or would be. */
  repairs: { path: string; says: string }[];
  /** What only a person can mend. */
  left: { path: string; says: string }[];
}

/** A table of a database. */
export interface TableName {
  database: string;
  schema: string;
  table: string;
}

/** Of a table; null where nobody counted them, `atLeast` where they were counted no further. */
export interface RowCount {
  rows: number | null;
  atLeast?: true;
}

/** What a transaction took away. */
export type Loss =
  | { kind: "database-dropped"; database: string }
  | { kind: "schema-dropped"; database: string; schema: string }
  | ({
      kind: "table-dropped" | "table-truncated" | "all-rows-deleted" | "all-rows-updated";
    } & TableName &
      RowCount)
  | ({ kind: "column-dropped"; column: string } & TableName & RowCount)
  | { kind: "definitions-dropped"; database: string };

/** `lsn`: the position in the log just before. */
export interface DestructiveTransaction {
  transaction: string;
  at: string;
  lsn: string;
  losses: Loss[];
}

/** Transactions that destroyed something, one right after the other; oldest first. */
export interface Destruction {
  transactions: DestructiveTransaction[];
  /** What was written since the first of them. */
  since: {
    rows: (TableName & { inserted: number; updated: number; deleted: number })[];
    tablesCreated: TableName[];
  };
}

/** Answer of `GET /engine/projects/{project}/branches/{branch}/destructions`, the last first. */
export interface Destructions {
  /** Nothing is known of before; `at` is when the first transaction from there on ended. */
  from: { lsn: string; at: string | null };
  until: { lsn: string };
  /** False where there may be older ones. */
  complete: boolean;
  destructions: Destruction[];
}
