import type { PointInTime } from "../model/point-in-time.ts";
import type {
  Anonymization,
  BranchRecord,
  DatabaseRecord,
  EndpointRecord,
  EndpointSettings,
  OperationRecord,
  ProjectRecord,
  RoleRecord,
  SnapshotRecord,
} from "../model/records.ts";
import type { SnapshotWishes } from "./snapshot-records.ts";

/** What is asked of the control plane, and what comes back. */

export interface CreateProjectInput {
  name?: string;
  pgVersion?: number;
  branchName?: string;
  roleName?: string;
  databaseName?: string;
  /** Of the first branch. */
  annotation?: Record<string, string>;
  historyRetentionSeconds?: number;
  defaultEndpointSettings?: Partial<EndpointSettings>;
  settings?: Record<string, unknown>;
  regionId?: string;
  provisioner?: string;
  orgId?: string;
  storePasswords?: boolean;
}

export interface CreateEndpointInput extends Partial<EndpointSettings> {
  type: EndpointRecord["type"];
  name?: string;
  disabled?: boolean;
}

export interface CreateBranchInput {
  name?: string;
  /** Default: the project's default branch. */
  parentId?: string;
  parentLsn?: string;
  parentTimestamp?: string;
  protected?: boolean;
  initSource?: "parent-data" | "schema-only";
  expiresAt?: string;
  annotation?: Record<string, string>;
  endpoints: CreateEndpointInput[];
  /** Of a branch whose data nobody sees before it is masked. */
  anonymization?: Anonymization;
}

export interface RestoreBranchInput {
  sourceBranchId: string;
  sourceLsn?: string;
  sourceTimestamp?: string;
  preserveUnderName?: string;
}

export interface BranchBundle {
  branch: BranchRecord;
  endpoints: EndpointRecord[];
  operations: OperationRecord[];
}

export type ProjectPatch = Pick<
  CreateProjectInput,
  "name" | "historyRetentionSeconds" | "defaultEndpointSettings" | "settings"
>;

export interface BranchPatch {
  name?: string;
  protected?: boolean;
  /** Null removes the expiry. */
  expiresAt?: string | null;
}

export type SnapshotPatch = Omit<BranchPatch, "protected">;

export interface CreateSnapshotInput extends SnapshotWishes {
  moment?: PointInTime | undefined;
}

export interface RestoreSnapshotInput {
  name?: string;
  targetBranchId?: string;
  finalize: boolean;
}

interface Done {
  operations: OperationRecord[];
}

export interface ProjectResult extends Done {
  project: ProjectRecord;
}

export interface BranchResult extends Done {
  branch: BranchRecord;
}

export interface EndpointResult extends Done {
  endpoint: EndpointRecord;
}

export interface RoleResult extends Done {
  role: RoleRecord;
}

export interface DatabaseResult extends Done {
  database: DatabaseRecord;
}

export interface SnapshotResult extends Done {
  snapshot: SnapshotRecord;
}
