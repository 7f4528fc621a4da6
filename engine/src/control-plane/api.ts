import type { PointInTime } from "../model/point-in-time.ts";
import type {
  BackupScheduleItem,
  BranchRecord,
  ComputeState,
  DatabaseRecord,
  EndpointRecord,
  EndpointSettings,
  OperationRecord,
  ProjectRecord,
  RoleRecord,
  SnapshotRecord,
} from "../model/records.ts";
import type { SchemaTable } from "../model/schema-table.ts";
import type { SnapshotWishes } from "./snapshot-records.ts";

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

/**
 * What the HTTP routes ask for. Every method throws EngineError for what a client did wrong or what
 * cannot be done; shapes of values (lengths, formats, ranges) were checked by the routes, rules that
 * need state (duplicate names, children, protection, locks) are checked here.
 */
export interface ControlPlane
  extends ProjectTransitions,
    BranchTransitions,
    EndpointTransitions,
    ContentTransitions {
  /** Unique for the home directory; clients use it to know two engines apart. */
  readonly homeId: string;

  /** Newest first. */
  listOperations(projectId: string): OperationRecord[];
  getOperation(projectId: string, operationId: string): OperationRecord;

  readonly snapshots: SnapshotTransitions;

  /** What `ds engine status` shows. */
  status(): Promise<EngineStatus>;
}

export interface ProjectTransitions {
  listProjects(): ProjectRecord[];
  getProject(projectId: string): ProjectRecord;
  createProject(input: CreateProjectInput): Promise<BranchBundle & { project: ProjectRecord }>;
  updateProject(
    projectId: string,
    patch: Pick<
      CreateProjectInput,
      "name" | "historyRetentionSeconds" | "defaultEndpointSettings" | "settings"
    >,
  ): Promise<ProjectRecord>;
  deleteProject(projectId: string): Promise<ProjectRecord>;
}

export interface BranchTransitions {
  listBranches(projectId: string): BranchRecord[];
  getBranch(projectId: string, branchId: string): BranchRecord;
  createBranch(projectId: string, input: CreateBranchInput): Promise<BranchBundle>;
  updateBranch(
    projectId: string,
    branchId: string,
    /** `expiresAt: null` removes the expiry. */
    patch: { name?: string; protected?: boolean; expiresAt?: string | null },
  ): Promise<{ branch: BranchRecord; operations: OperationRecord[] }>;
  /** Undefined when there is no such branch (any more): the API answers 204 then. */
  deleteBranch(
    projectId: string,
    branchId: string,
  ): Promise<{ branch: BranchRecord; operations: OperationRecord[] } | undefined>;
  restoreBranch(
    projectId: string,
    branchId: string,
    input: RestoreBranchInput,
  ): Promise<{ branch: BranchRecord; operations: OperationRecord[] }>;
  setDefaultBranch(
    projectId: string,
    branchId: string,
  ): Promise<{ branch: BranchRecord; operations: OperationRecord[] }>;
  /** "init" while a create, restore or delete of the branch is under way. */
  branchState(branchId: string): "init" | "ready";
}

export interface EndpointTransitions {
  listEndpoints(projectId: string): EndpointRecord[];
  getEndpoint(projectId: string, endpointId: string): EndpointRecord;
  computeState(endpointId: string): ComputeState;
  /** True when an endpoint of this engine, and nobody else, listens on this port of 127.0.0.1. */
  servesPort(port: number): boolean;
  createEndpoint(
    projectId: string,
    branchId: string,
    input: CreateEndpointInput,
  ): Promise<{ endpoint: EndpointRecord; operations: OperationRecord[] }>;
  updateEndpoint(
    projectId: string,
    endpointId: string,
    patch: Partial<Omit<CreateEndpointInput, "type">>,
  ): Promise<{ endpoint: EndpointRecord; operations: OperationRecord[] }>;
  deleteEndpoint(
    projectId: string,
    endpointId: string,
  ): Promise<{ endpoint: EndpointRecord; operations: OperationRecord[] } | undefined>;
  startEndpoint(
    projectId: string,
    endpointId: string,
  ): Promise<{ endpoint: EndpointRecord; operations: OperationRecord[] }>;
  suspendEndpoint(
    projectId: string,
    endpointId: string,
  ): Promise<{ endpoint: EndpointRecord; operations: OperationRecord[] }>;
  restartEndpoint(
    projectId: string,
    endpointId: string,
  ): Promise<{ endpoint: EndpointRecord; operations: OperationRecord[] }>;
}

export interface ContentTransitions {
  /** Roles and databases as Postgres has them when the compute runs, else as last seen. */
  listRoles(projectId: string, branchId: string): Promise<RoleRecord[]>;
  createRole(
    projectId: string,
    branchId: string,
    input: { name: string; noLogin: boolean },
  ): Promise<{ role: RoleRecord; operations: OperationRecord[] }>;
  deleteRole(
    projectId: string,
    branchId: string,
    name: string,
  ): Promise<{ role: RoleRecord; operations: OperationRecord[] } | undefined>;
  resetRolePassword(
    projectId: string,
    branchId: string,
    name: string,
  ): Promise<{ role: RoleRecord; operations: OperationRecord[] }>;

  listDatabases(projectId: string, branchId: string): Promise<DatabaseRecord[]>;
  createDatabase(
    projectId: string,
    branchId: string,
    input: { name: string; ownerName: string },
  ): Promise<{ database: DatabaseRecord; operations: OperationRecord[] }>;
  updateDatabase(
    projectId: string,
    branchId: string,
    name: string,
    patch: { name?: string; ownerName?: string },
  ): Promise<{ database: DatabaseRecord; operations: OperationRecord[] }>;
  deleteDatabase(
    projectId: string,
    branchId: string,
    name: string,
  ): Promise<{ database: DatabaseRecord; operations: OperationRecord[] } | undefined>;

  /** The schema of one database as SQL, as pg_dump prints it; wakes the branch. */
  readSchema(projectId: string, branchId: string, database: string): Promise<string>;
  /** Its tables, columns and keys; wakes the branch. */
  readTables(projectId: string, branchId: string, database: string): Promise<SchemaTable[]>;
}

export interface SnapshotTransitions {
  list(projectId: string): SnapshotRecord[];
  get(projectId: string, snapshotId: string): SnapshotRecord;
  create(
    projectId: string,
    branchId: string,
    wanted: SnapshotWishes & { moment?: PointInTime | undefined },
  ): Promise<{ snapshot: SnapshotRecord; operations: OperationRecord[] }>;
  update(
    projectId: string,
    snapshotId: string,
    patch: { name?: string; expiresAt?: string | null },
  ): Promise<SnapshotRecord>;
  delete(projectId: string, snapshotId: string): Promise<{ operations: OperationRecord[] }>;
  /**
   * Makes a branch of the snapshot. It is a preview beside the target, with an address of its own
   * where the target has one, until the restore is finalized.
   */
  restore(
    projectId: string,
    snapshotId: string,
    wanted: { name?: string; targetBranchId?: string; finalize: boolean },
  ): Promise<BranchBundle>;
  /** Puts a restored branch in the place of its target; connections wait, and lead to it then. */
  finalize(
    projectId: string,
    branchId: string,
    wanted: { name?: string },
  ): Promise<{ operations: OperationRecord[] }>;
  schedule(projectId: string, branchId: string): BackupScheduleItem[];
  setSchedule(projectId: string, branchId: string, items: BackupScheduleItem[]): Promise<void>;
  /** Takes the snapshots that schedules ask for, and deletes those that have expired. */
  runMaintenance(now?: number): Promise<void>;
}

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
  /** Endpoints whose remembered port another program has taken, and other things to look at. */
  problems: string[];
}
