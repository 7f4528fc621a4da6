import type { ForkPoint } from "./descent.ts";
import type { MaskingRule } from "./masking-rule.ts";

/**
 * What the catalog remembers of each resource: the part that cannot be derived. Times are ISO 8601
 * in UTC, ids have Neon's shapes. `api/responses/` turns records into what the API answers.
 */

export interface ProjectRecord {
  id: string;
  name: string;
  /** Major version of Postgres, fixed for the life of the project. */
  pgVersion: number;
  createdAt: string;
  updatedAt: string;
  /** How far back a branch can be restored, in seconds. */
  historyRetentionSeconds: number;
  defaultEndpointSettings: EndpointSettings;
  /** What clients have set, in the API's own shape; `projectSettings` adds the rest. */
  settings: Record<string, unknown>;
  /** What was asked for, to be told again; everything is on this machine. */
  regionId?: string;
  provisioner?: string;
  orgId?: string;
  /** False: passwords are told when they are made, and not revealed later. */
  storePasswords?: boolean;
  permissions?: PermissionRecord[];
}

/** A key that was made with the API. Only its digest is kept, so that nobody can read it again. */
export interface ApiKeyRecord {
  id: number;
  name: string;
  /** SHA-256, in hexadecimal. */
  digest: string;
  createdAt: string;
  /** To the minute. */
  lastUsedAt?: string;
  lastUsedFrom?: string;
}

/** Access to a project that was granted to somebody; here it is only remembered. */
export interface PermissionRecord {
  id: string;
  email: string;
  grantedAt: string;
}

export interface RoleRecord {
  name: string;
  /**
   * Absent for roles that cannot log in. The last one that the engine gave the role: Postgres keeps
   * only a verifier, so a password changed by SQL cannot be read back, and reveal_password and
   * connection_uri go on telling the old one, as Neon's do, until reset_password makes a new one.
   */
  password?: string;
  protected: boolean;
  createdAt: string;
  updatedAt: string;
}

export interface DatabaseRecord {
  id: number;
  name: string;
  ownerName: string;
  createdAt: string;
  updatedAt: string;
}

export interface BranchRecord {
  id: string;
  projectId: string;
  name: string;
  parentId?: string;
  /** The branch whose state before a restore this was. */
  preservedFrom?: string;
  /** Where the parent's history was cut, and when. */
  parentLsn?: string;
  parentTimestamp?: string;
  default: boolean;
  protected: boolean;
  initSource: "parent-data" | "schema-only";
  createdAt: string;
  updatedAt: string;
  expiresAt?: string;
  lastResetAt?: string;
  annotation?: Record<string, string>;
  roles: RoleRecord[];
  databases: DatabaseRecord[];
  /** The snapshot that it was made of, and the branch that it replaces or has replaced. */
  restore?: { snapshotId: string; targetBranchId?: string; status: "restored" | "finalized" };
  backupSchedule?: { items: BackupScheduleItem[]; setAt: string };
  /** Name of the data directory inside the branch's own; a restore commits by changing it. */
  dataDir: string;
  /** The data directory that this one is a copy of: there goes on what is before its own history. */
  copiedFrom?: string;
  /** How it comes to be a copy, and of what; undefined where that was not noted, or it is none. */
  descent?: ForkPoint[];
  /** Sum of pg_database_size, as of the last time a compute told it. */
  logicalSize?: number;
  /** When a client last used it, to the minute; written when its compute stops. */
  lastActiveAt?: string;
  /** A copy of data with subscriptions, which its first start removes before they fetch anything. */
  subscriptionsToDrop?: boolean;
  /** Roles whose password in Postgres still has to be made equal to the record's. */
  passwordsToApply: string[];
  /** Of a branch that was made to be masked: until it is, nobody sees its data. */
  anonymization?: Anonymization;
  /** Set while work goes on that a request has begun: it was answered, and what it asked for is still being made. */
  pending?: PendingWork;
}

/**
 * - `create`: the branch's data is not whole yet, and may not be there at all.
 * - `restore`: the branch's data is that of before.
 */
interface PendingWork {
  kind: "create" | "restore";
  /** The operations that tell how it goes. */
  operationIds: string[];
}

/** States by Neon's names. Only "anonymized" data may be seen. */
export interface Anonymization {
  state: "initialized" | "anonymizing" | "anonymized" | "error";
  message?: string;
  rules: MaskingRule[];
  createdAt: string;
  updatedAt: string;
  failedAt?: string;
  lastRun?: { startedAt: string; completedAt?: string; maskedColumns?: number };
}

/** A snapshot: the data of a branch at a moment, and what its Postgres held then. */
export interface SnapshotRecord {
  id: string;
  projectId: string;
  name: string;
  /** May have been deleted since. */
  sourceBranchId: string;
  /** The moment whose data it has. */
  timestamp: string;
  lsn?: string;
  createdAt: string;
  updatedAt: string;
  expiresAt?: string;
  /** Taken because a branch's schedule asked for it. */
  scheduledFor?: BackupScheduleItem["frequency"];
  dataDir: string;
  /** As a branch's. */
  descent?: ForkPoint[];
  image: Pick<BranchRecord, "roles" | "databases" | "logicalSize" | "initSource">;
}

/** In the API's own shape; hours and days are in UTC. */
export interface BackupScheduleItem {
  frequency: "hourly" | "daily" | "weekly" | "monthly" | "yearly";
  hour?: number;
  day?: number;
  month?: number;
  retention_seconds?: number;
}

export interface EndpointSettings {
  autoscalingLimitMinCu: number;
  autoscalingLimitMaxCu: number;
  /** Seconds; 0 = the default of 300, -1 = never. */
  suspendTimeoutSeconds: number;
  pgSettings: Record<string, string>;
}

export interface EndpointRecord extends EndpointSettings {
  id: string;
  projectId: string;
  branchId: string;
  name?: string;
  type: "read_write" | "read_only";
  /** The port on 127.0.0.1 that this endpoint keeps for its life. */
  port: number;
  disabled: boolean;
  createdAt: string;
  updatedAt: string;
}

/** What is known of an endpoint's compute right now; lost when the engine stops. */
export interface ComputeState {
  state: "init" | "active" | "idle";
  lastActive?: string;
  startedAt?: string;
  suspendedAt?: string;
}

export interface OperationRecord {
  id: string;
  projectId: string;
  branchId?: string;
  endpointId?: string;
  action:
    | "create_branch"
    | "create_timeline"
    | "start_compute"
    | "suspend_compute"
    | "apply_config"
    | "delete_timeline";
  status: "running" | "finished" | "failed";
  error?: string;
  createdAt: string;
  updatedAt: string;
  totalDurationMs: number;
}
