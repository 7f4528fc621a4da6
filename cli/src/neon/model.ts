/**
 * What commands know of the API's resources: the fields they use, under names of this code base.
 * Times are ISO 8601 in UTC, sizes are bytes.
 */

export interface Project {
  id: string;
  name: string;
  pgVersion: number;
}

/** What a project's plan allows; undefined where the API does not tell, or there is no limit. */
export interface Plan {
  name: string | undefined;
  branches: number | undefined;
}

export interface Branch {
  id: string;
  projectId: string;
  name: string;
  parentId: string | undefined;
  /** Up to when the branch holds its parent's changes. */
  parentTimestamp: string | undefined;
  createdAt: string;
  updatedAt: string;
  expiresAt: string | undefined;
  lastResetAt: string | undefined;
  protected: boolean;
  default: boolean;
  /** "ready", or what the API is doing with it right now. */
  state: string;
  /** Size of the data as a client sees it; undefined while unknown. */
  logicalSizeBytes: number | undefined;
  createdBy: string | undefined;
  /** What its maker wrote on it: text by key. Known in lists; see `stampOf` in deploy/stamp.ts. */
  annotation: Readonly<Record<string, string>>;
}

/** The data of a branch at one moment, kept apart from all branches. */
export interface Snapshot {
  id: string;
  name: string;
  /** Undefined where the API does not tell of which branch it is. */
  branchId: string | undefined;
  /** The moment that it holds. */
  at: string | undefined;
  createdAt: string;
  expiresAt: string | undefined;
  sizeBytes: number | undefined;
}

export interface Endpoint {
  id: string;
  branchId: string;
  /** Host, with a port where it is not Postgres' usual one. */
  host: string;
  type: "read_write" | "read_only";
  state: "init" | "active" | "idle";
  disabled: boolean;
  /** When its compute last worked for somebody; undefined when it never did, or the API does not know. */
  lastActiveAt: string | undefined;
}

export interface Database {
  name: string;
  ownerName: string;
}
