import type { ChangedPages } from "../log-summaries/changed-pages.ts";
import type { AdvisorIssue } from "../model/advisor-issue.ts";
import type { MaskingRule } from "../model/masking-rule.ts";
import type {
  Anonymization,
  ApiKeyRecord,
  BackupScheduleItem,
  BranchRecord,
  ComputeState,
  DatabaseRecord,
  EndpointRecord,
  OperationRecord,
  PermissionRecord,
  ProjectRecord,
  RoleRecord,
  SnapshotRecord,
} from "../model/records.ts";
import type { SchemaTable } from "../model/schema-table.ts";
import type { Destructions } from "../pitr/destructions/destruction.ts";
import type { OperationProgress } from "../under-way/operation-progress.ts";
import type {
  BranchBundle,
  BranchPatch,
  BranchResult,
  CreateBranchInput,
  CreateEndpointInput,
  CreateProjectInput,
  CreateSnapshotInput,
  DatabaseResult,
  EndpointResult,
  ProjectPatch,
  ProjectResult,
  RestoreBranchInput,
  RestoreSnapshotInput,
  RoleResult,
  SnapshotPatch,
  SnapshotResult,
} from "./api-types.ts";
import type { DiskSizes } from "./disk-sizes.ts";
import type { EngineStatus } from "./engine-status.ts";
import type { ExtensionTransitions } from "./extension-types.ts";

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
  /** How far those are that copy data. */
  operationsProgress(): OperationProgress[];

  readonly snapshots: SnapshotTransitions;
  readonly anonymized: AnonymizationTransitions;
  readonly extensions: ExtensionTransitions;
  readonly postgres: PostgresTransitions;
  readonly apiKeys: ApiKeyTransitions;

  /** What `ds engine status` shows. */
  status(): Promise<EngineStatus>;
  /** What each branch and snapshot takes on the disk. */
  diskSizes(): Promise<DiskSizes>;
  /** Removes data that was set aside, for good; false where there is none of that name. */
  removeQuarantined(name: string): Promise<boolean>;
}

export interface ProjectTransitions {
  listProjects(): ProjectRecord[];
  getProject(projectId: string): ProjectRecord;
  createProject(input: CreateProjectInput): Promise<BranchBundle & { project: ProjectRecord }>;
  updateProject(projectId: string, patch: ProjectPatch): Promise<ProjectResult>;
  /** Libraries that the project's Postgres can load at its start. */
  preloadable(projectId: string): readonly string[];
  deleteProject(projectId: string): Promise<ProjectRecord>;
  grantPermission(projectId: string, email: string): Promise<PermissionRecord>;
  revokePermission(projectId: string, permissionId: string): Promise<PermissionRecord>;
}

/** Branches whose data is masked before anybody sees it. */
export interface AnonymizationTransitions {
  create(
    wanted: { projectId: string; rules: MaskingRule[]; start: boolean },
    input: CreateBranchInput,
  ): Promise<BranchBundle>;
  /** Refuses with 404 a branch that is no anonymized one. */
  status(projectId: string, branchId: string): { branch: BranchRecord; now: Anonymization };
  setRules(projectId: string, branchId: string, rules: MaskingRule[]): Promise<MaskingRule[]>;
  /** Resolves as soon as it has begun. */
  start(projectId: string, branchId: string): Promise<void>;
}

/** Keys beside the home's own; each may do everything. */
interface ApiKeyTransitions {
  /** Newest first. */
  list(): ApiKeyRecord[];
  /** The key itself is told this once. */
  create(name: string): Promise<{ record: ApiKeyRecord; key: string }>;
  /** Undefined when there is no such key (any more). */
  revoke(id: number): Promise<ApiKeyRecord | undefined>;
}

/** Versions of Postgres beside the engine's own. */
interface PostgresTransitions {
  /** Refuses with 422 a directory that cannot be used. */
  add(major: number, bin: string): Promise<{ version: string }>;
  /** False where there was none; refuses with 409 while projects have it. */
  remove(major: number): Promise<boolean>;
}

export interface BranchTransitions {
  listBranches(projectId: string): BranchRecord[];
  getBranch(projectId: string, branchId: string): BranchRecord;
  createBranch(projectId: string, input: CreateBranchInput): Promise<BranchBundle>;
  updateBranch(projectId: string, branchId: string, patch: BranchPatch): Promise<BranchResult>;
  /** Undefined when there is no such branch (any more): the API answers 204 then. */
  deleteBranch(projectId: string, branchId: string): Promise<BranchResult | undefined>;
  restoreBranch(
    projectId: string,
    branchId: string,
    input: RestoreBranchInput,
  ): Promise<BranchResult>;
  setDefaultBranch(projectId: string, branchId: string): Promise<BranchResult>;
  /** What was destroyed in the branch as far back as its history goes, no more than so many; wakes the branch. */
  findDestructions(projectId: string, branchId: string, limit: number): Promise<Destructions>;
  /** "init" while a create, restore or delete of the branch is under way. */
  branchState(branchId: string): "init" | "ready";
}

export interface EndpointTransitions {
  listEndpoints(projectId: string): EndpointRecord[];
  getEndpoint(projectId: string, endpointId: string): EndpointRecord;
  computeState(endpointId: string): ComputeState;
  /** The endpoint of this engine that, and nobody else, listens on this port of 127.0.0.1. */
  endpointAt(port: number): EndpointRecord | undefined;
  createEndpoint(
    projectId: string,
    branchId: string,
    input: CreateEndpointInput,
  ): Promise<EndpointResult>;
  updateEndpoint(
    projectId: string,
    endpointId: string,
    patch: Partial<Omit<CreateEndpointInput, "type">>,
  ): Promise<EndpointResult>;
  deleteEndpoint(projectId: string, endpointId: string): Promise<EndpointResult | undefined>;
  startEndpoint(projectId: string, endpointId: string): Promise<EndpointResult>;
  suspendEndpoint(projectId: string, endpointId: string): Promise<EndpointResult>;
  restartEndpoint(projectId: string, endpointId: string): Promise<EndpointResult>;
}

export interface ContentTransitions {
  /** Roles and databases as Postgres has them when the compute runs, else as last seen. */
  listRoles(projectId: string, branchId: string): Promise<RoleRecord[]>;
  createRole(
    projectId: string,
    branchId: string,
    input: { name: string; noLogin: boolean },
  ): Promise<RoleResult>;
  deleteRole(projectId: string, branchId: string, name: string): Promise<RoleResult | undefined>;
  resetRolePassword(projectId: string, branchId: string, name: string): Promise<RoleResult>;

  listDatabases(projectId: string, branchId: string): Promise<DatabaseRecord[]>;
  createDatabase(
    projectId: string,
    branchId: string,
    input: { name: string; ownerName: string },
  ): Promise<DatabaseResult>;
  updateDatabase(
    projectId: string,
    branchId: string,
    name: string,
    patch: { name?: string; ownerName?: string },
  ): Promise<DatabaseResult>;
  deleteDatabase(
    projectId: string,
    branchId: string,
    name: string,
  ): Promise<DatabaseResult | undefined>;

  /** What is worth a look in a database: see AdvisorIssue. Wakes the branch. */
  readAdvice(projectId: string, branchId: string, database: string): Promise<AdvisorIssue[]>;
  /** The schema of one database as SQL, as pg_dump prints it but for passwords in it; wakes the branch. */
  readSchema(projectId: string, branchId: string, database: string): Promise<string>;
  /** Which pages of a database two branches may not have in common; wakes both. */
  readChangedPages(question: {
    projectId: string;
    branchId: string;
    baseId: string;
    database: string;
  }): Promise<ChangedPages>;
  /** Its tables, columns and keys; wakes the branch. */
  readTables(projectId: string, branchId: string, database: string): Promise<SchemaTable[]>;
}

export interface SnapshotTransitions {
  list(projectId: string): SnapshotRecord[];
  create(projectId: string, branchId: string, wanted: CreateSnapshotInput): Promise<SnapshotResult>;
  update(projectId: string, snapshotId: string, patch: SnapshotPatch): Promise<SnapshotRecord>;
  delete(projectId: string, snapshotId: string): Promise<{ operations: OperationRecord[] }>;
  /**
   * Makes a branch of the snapshot. It is a preview beside the target, with an address of its own
   * where the target has one, until the restore is finalized.
   */
  restore(
    projectId: string,
    snapshotId: string,
    wanted: RestoreSnapshotInput,
  ): Promise<BranchBundle>;
  /** Puts a restored branch in the place of its target; connections wait, and lead to it then. */
  finalize(
    projectId: string,
    branchId: string,
    wanted: { name?: string },
  ): Promise<{ operations: OperationRecord[] }>;
  schedule(projectId: string, branchId: string): BackupScheduleItem[];
  setSchedule(projectId: string, branchId: string, items: BackupScheduleItem[]): Promise<void>;
}
