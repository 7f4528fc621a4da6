import { notFound, unprocessable } from "../../lib/engine-error.ts";
import type { Fork } from "../../model/fork.ts";
import { newEndpointId } from "../../model/ids.ts";
import type { PointInTime } from "../../model/point-in-time.ts";
import type {
  BranchRecord,
  DatabaseRecord,
  EndpointRecord,
  OperationRecord,
  ProjectRecord,
} from "../../model/records.ts";
import {
  type BeginOfHistory,
  isBeforeFork,
  type PointInTimeRecovery,
  type Source,
} from "../../pitr/io/point-in-time-recovery.ts";
import { lostServer } from "../../postgres/connection-errors.ts";
import * as sql from "../../postgres/io/roles.ts";
import type { Catalog } from "../../storage/io/catalog.ts";
import type { BranchData } from "../../storage/io/data-directories.ts";
import type { CreateEndpointInput, EngineStatus } from "../api.ts";
import { touched } from "../branch-records.ts";
import { refuseSizing } from "../branch-rules.ts";
import { BranchLocks } from "./branch-locks.ts";
import type { ComputePool } from "./compute-pool.ts";
import { Operations } from "./operations.ts";

export interface ControlPlaneParts {
  homeId: string;
  catalog: Catalog;
  data: BranchData;
  computes: ComputePool;
  timeTravel: PointInTimeRecovery;
  log: (line: string) => void;
  /** Path of the fresh cluster that projects begin with; made on first use. */
  template: () => Promise<string>;
  postgresMajor: number;
  /** Refuses with 400 what Postgres would not start with. */
  checkSettings: (settings: Record<string, string>) => Promise<void>;
  describe: () => Promise<EngineStatus>;
}

/** What the transitions of all resources share: the parts, the locks, and the steps they are made of. */
export class Core {
  readonly parts: ControlPlaneParts;
  readonly catalog: Catalog;
  readonly data: BranchData;
  readonly computes: ComputePool;
  readonly locks = new BranchLocks();
  readonly operations: Operations;
  readonly timeTravel: PointInTimeRecovery;
  pending: Promise<unknown> = Promise.resolve();
  /** Data directories whose first base is being made. */
  readonly #beginning = new Set<string>();

  constructor(parts: ControlPlaneParts) {
    this.parts = parts;
    this.catalog = parts.catalog;
    this.data = parts.data;
    this.computes = parts.computes;
    this.operations = new Operations(parts.catalog);
    this.timeTravel = parts.timeTravel;
  }

  getProject(projectId: string): ProjectRecord {
    const project = this.catalog.projects.get(projectId);
    if (!project) throw notFound("project");
    return project;
  }

  getBranch(projectId: string, branchId: string): BranchRecord {
    this.getProject(projectId);
    const branch = this.catalog.branches.get(branchId);
    if (!branch || branch.projectId !== projectId) throw notFound("branch");
    return branch;
  }

  getEndpoint(projectId: string, endpointId: string): EndpointRecord {
    this.getProject(projectId);
    const endpoint = this.catalog.endpoints.get(endpointId);
    if (!endpoint || endpoint.projectId !== projectId) throw notFound("endpoint");
    return endpoint;
  }

  defaultBranch(projectId: string): BranchRecord {
    const branch = this.catalog.branchesOf(projectId).find((candidate) => candidate.default);
    if (!branch) throw notFound("default branch");
    return branch;
  }

  descendsFrom(branch: BranchRecord, ancestor: BranchRecord): boolean {
    for (let at: BranchRecord | undefined = branch; at; ) {
      if (at.id === ancestor.id) return true;
      at = at.parentId ? this.catalog.branches.get(at.parentId) : undefined;
    }
    return false;
  }

  /** The branch, and a target that will be replaced, are locked already. */
  async fork(branchId: string, moment: PointInTime | undefined, target?: string): Promise<Fork> {
    if (!moment) return this.data.fork(this.source(branchId));
    const holder = await this.holderOf(branchId, moment);
    const isLocked = holder === branchId || holder === target;
    return this.locks.with({ shared: isLocked ? [] : [holder] }, () =>
      this.timeTravel.fork(this.source(holder), moment),
    );
  }

  /** The branch in whose history the moment is: before a fork, the one it was made from goes on. */
  async holderOf(branchId: string, moment: PointInTime): Promise<string> {
    // A branch that was made a moment ago may still be about to get its first base.
    await this.pending;
    for (let id = branchId; ; ) {
      const branch = this.catalog.branches.get(id);
      if (!branch) throw notFound("branch");
      if (await this.timeTravel.reaches(this.source(id), moment)) return id;
      const origin =
        isBeforeFork(branch, moment) &&
        this.catalog.branchesOf(branch.projectId).find((b) => b.dataDir === branch.copiedFrom);
      if (!origin) return id;
      id = origin.id;
    }
  }

  source(branchId: string): Source {
    const branch = this.catalog.branches.get(branchId);
    if (!branch) throw notFound("branch");
    return {
      name: branch.name,
      dataDir: branch.dataDir,
      compute: this.computes.of(branchId),
      windowSeconds: this.getProject(branch.projectId).historyRetentionSeconds,
      logicalSize: branch.logicalSize,
      isCurrent: () => this.catalog.branches.get(branchId)?.dataDir === branch.dataDir,
      isKept: () => [...this.catalog.branches.values()].some((b) => b.dataDir === branch.dataDir),
    };
  }

  /** The source, with the size of what was copied of it, which may be of long ago. */
  forkedFrom(branchId: string, { contents }: Fork): Source {
    const source = this.source(branchId);
    return contents ? { ...source, logicalSize: contents.logicalSize } : source;
  }

  /** The first base of new data. Nobody waits for it; connections do while it is copied. */
  takeFirstBaseBackup(branchId: string, fork?: Fork): void {
    const source = this.source(branchId);
    this.#beginIn(source, this.timeTravel.takeBase(source, fork));
  }

  /** The same of data that was copied from `path`, which stays as it is; not even connections wait. */
  beginHistoryFrom(branchId: string, path: string, begin: BeginOfHistory): void {
    const source = this.source(branchId);
    const take = async () => {
      const copy = await this.timeTravel.copyAsBase(source, path);
      if (copy !== undefined) await this.timeTravel.keepAsBase(source, copy, begin);
    };
    this.#beginIn(source, take());
  }

  /** The same with a copy that was made before: see `TimeTravel.copyAsBase`. */
  beginHistoryWith(branchId: string, copy: string, begin: BeginOfHistory): void {
    const source = this.source(branchId);
    this.#beginIn(source, this.timeTravel.keepAsBase(source, copy, begin));
  }

  #beginIn({ name, dataDir }: Source, taking: Promise<void>): void {
    this.#beginning.add(dataDir);
    const taken = taking
      .catch((error: Error) => {
        this.parts.log(`no base for the history of ${name}: ${error.message}`);
      })
      .finally(() => this.#beginning.delete(dataDir));
    this.pending = Promise.all([this.pending, taken]).then(() => {});
  }

  /** Keeps the past of every branch within its window. */
  async maintainBaseBackups(): Promise<void> {
    for (const { id, name } of [...this.catalog.branches.values()]) {
      const dataDir = this.catalog.branches.get(id)?.dataDir;
      if (dataDir === undefined || this.#beginning.has(dataDir) || this.locks.isBusy(id)) continue;
      await this.timeTravel.tend(this.source(id)).catch((error: Error) => {
        this.parts.log(`tending the history of ${name} failed: ${error.message}`);
      });
    }
    this.data.emptyTrash();
  }

  /** Resolves when nothing is going on in the background any more. */
  async settled(): Promise<void> {
    await this.pending;
  }

  async newEndpoint(
    project: ProjectRecord,
    branchId: string,
    input: CreateEndpointInput,
  ): Promise<EndpointRecord> {
    const now = new Date().toISOString();
    const { type, name, disabled, ...settings } = input;
    const endpoint: Omit<EndpointRecord, "port"> = {
      ...project.defaultEndpointSettings,
      ...settings,
      id: newEndpointId(),
      projectId: project.id,
      branchId,
      ...(name ? { name } : {}),
      type,
      disabled: disabled ?? false,
      createdAt: now,
      updatedAt: now,
    };
    throwIf(refuseSizing(endpoint));
    return this.computes.openNewEndpoint(endpoint);
  }

  async discard(branch: BranchRecord): Promise<void> {
    await this.computes.remove(branch.id);
    await this.data.discard(branch.dataDir);
  }

  /** One step of the catalog that changes one branch's record. */
  async change(
    projectId: string,
    branchId: string,
    change: (branch: BranchRecord) => BranchRecord,
  ): Promise<BranchRecord> {
    await this.catalog.commit(() => {
      const changed = touched(change(this.getBranch(projectId, branchId)));
      return { branches: [this.catalog.withEndpoints(changed)] };
    });
    return this.getBranch(projectId, branchId);
  }

  /** The record, brought up to date when the compute runs: SQL can make roles and databases too. */
  async current(projectId: string, branchId: string): Promise<BranchRecord> {
    const branch = this.getBranch(projectId, branchId);
    const compute = this.computes.of(branchId);
    if (!compute.isRunning) return branch;
    return compute
      .admin("postgres", (client) => this.sync(projectId, branchId, client))
      .catch((error: unknown) => {
        // Suspended meanwhile: the record is what was last seen.
        if (lostServer(error)) return this.getBranch(projectId, branchId);
        throw error;
      });
  }

  /** The running compute of a branch that has this database, also when it was made by SQL. */
  async awakeWith(projectId: string, branchId: string, database: string) {
    const { id } = this.getBranch(projectId, branchId);
    const compute = this.computes.of(id);
    await compute.ensureRunning();
    if (!findDatabase(await this.current(projectId, id), database)) throw notFound("database");
    return compute;
  }

  async sync(
    projectId: string,
    branchId: string,
    client: Parameters<Parameters<ReturnType<ComputePool["of"]>["admin"]>[1]>[0],
  ): Promise<BranchRecord> {
    await this.computes.record(branchId, await sql.readInhabitants(client));
    return this.getBranch(projectId, branchId);
  }

  async withSql<T extends object>(
    branch: BranchRecord,
    database: string,
    work: (
      client: Parameters<Parameters<ReturnType<ComputePool["of"]>["admin"]>[1]>[0],
    ) => Promise<T>,
  ): Promise<T & { operations: OperationRecord[] }> {
    const began = new Date().toISOString();
    return this.locks.with({ shared: [branch.id] }, async () => {
      const result = await this.computes
        .of(branch.id)
        .admin(database, work)
        .catch((error: unknown) => {
          throw asRefusal(error);
        });
      const at = { projectId: branch.projectId, branchId: branch.id };
      return {
        ...result,
        operations: [await this.operations.add({ ...at, action: "apply_config" }, began)],
      };
    });
  }

  async endpointDone(
    endpoint: EndpointRecord,
    action: OperationRecord["action"],
    began: string,
  ): Promise<{ endpoint: EndpointRecord; operations: OperationRecord[] }> {
    const { projectId, branchId, id: endpointId } = endpoint;
    const operation = await this.operations.add({ projectId, branchId, endpointId, action }, began);
    return { endpoint, operations: [operation] };
  }
}

export function findDatabase(branch: BranchRecord, name: string): DatabaseRecord | undefined {
  return branch.databases.find((database) => database.name === name);
}

export function throwIf(refusal: Error | undefined): void {
  if (refusal) throw refusal;
}

export function refuseEndpoints(endpoints: CreateEndpointInput[]): void {
  if (endpoints.some(({ type }) => type === "read_only")) {
    throw unprocessable(
      "READ_REPLICA_UNSUPPORTED",
      "this engine has no read replicas: only read_write endpoints can be created",
    );
  }
  if (endpoints.length > 1) {
    throw unprocessable("ENDPOINT_LIMIT_EXCEEDED", "a branch has at most one read_write endpoint");
  }
}

/** What Postgres refuses (a bad name, something still in use) is the client's to mend. */
export function asRefusal(error: unknown): unknown {
  const { severity, message } = error as { severity?: string; message: string };
  return severity === "ERROR" ? unprocessable("POSTGRES_REFUSED", message) : error;
}
