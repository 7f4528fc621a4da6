import { lostServer } from "./admin.ts";
import type { BranchData, Fork } from "./branch-data.ts";
import { BranchLocks } from "./branch-locks.ts";
import { forkedBranch, preservedBranch, restoredBranch, touched } from "./branch-records.ts";
import {
  refuseDelete,
  refuseExpiry,
  refuseName,
  refuseRestore,
  refuseSizing,
} from "./branch-rules.ts";
import type { Catalog } from "./catalog.ts";
import type { Computes } from "./computes.ts";
import type {
  BranchBundle,
  ControlPlane,
  CreateBranchInput,
  CreateEndpointInput,
  CreateProjectInput,
  EngineStatus,
  RestoreBranchInput,
} from "./control-plane-api.ts";
import { conflict, notFound, unprocessable } from "./errors.ts";
import { type Moment, momentOf } from "./history.ts";
import {
  newBranchId,
  newBranchName,
  newDatabaseId,
  newEndpointId,
  newPassword,
  newProjectId,
} from "./ids.ts";
import type {
  BranchRecord,
  ComputeState,
  DatabaseRecord,
  EndpointRecord,
  EndpointSettings,
  OperationRecord,
  ProjectRecord,
  RoleRecord,
} from "./model.ts";
import { Operations } from "./operations.ts";
import * as sql from "./roles.ts";
import { copySchemas, emptyFork, schemaOnlyBranch } from "./schema-only.ts";
import { readTables } from "./schema-tables.ts";
import { Snapshots } from "./snapshots.ts";
import { isBeforeFork, type Source, type TimeTravel } from "./time-travel.ts";

const defaultEndpointSettings: EndpointSettings = {
  autoscalingLimitMinCu: 0.25,
  autoscalingLimitMaxCu: 2,
  suspendTimeoutSeconds: 0,
  pgSettings: {},
};

export interface ControlPlaneParts {
  homeId: string;
  catalog: Catalog;
  data: BranchData;
  computes: Computes;
  timeTravel: TimeTravel;
  log: (line: string) => void;
  /** Path of the fresh cluster that projects begin with; made on first use. */
  template: () => Promise<string>;
  postgresMajor: number;
  /** Refuses with 400 what Postgres would not start with. */
  checkSettings: (settings: Record<string, string>) => Promise<void>;
  describe: () => Promise<EngineStatus>;
}

/**
 * The transitions of projects, branches and endpoints. Each prepares everything that can fail, then
 * commits in one step of the catalog, then cleans up what nothing refers to any more; so a crash at
 * any instruction leaves the state before or the state after.
 */
export class LocalControlPlane implements ControlPlane {
  readonly homeId: string;
  readonly #catalog: Catalog;
  readonly #data: BranchData;
  readonly #computes: Computes;
  readonly #parts: ControlPlaneParts;
  readonly #locks = new BranchLocks();
  readonly #operations: Operations;
  readonly #timeTravel: TimeTravel;
  readonly snapshots: Snapshots;
  #pending: Promise<unknown> = Promise.resolve();

  constructor(parts: ControlPlaneParts) {
    this.#parts = parts;
    this.homeId = parts.homeId;
    this.#catalog = parts.catalog;
    this.#data = parts.data;
    this.#computes = parts.computes;
    this.#operations = new Operations(parts.catalog);
    this.#timeTravel = parts.timeTravel;
    this.snapshots = new Snapshots({
      ...parts,
      locks: this.#locks,
      operations: this.#operations,
      getProject: (id) => this.getProject(id),
      getBranch: (projectId, id) => this.getBranch(projectId, id),
      fork: (branchId, moment) => this.#fork(branchId, moment),
      newEndpoint: (project, branchId, input) => this.#newEndpoint(project, branchId, input),
      beginHistory: (branchId) => this.#beginHistory(branchId),
    });
  }

  status(): Promise<EngineStatus> {
    return this.#parts.describe();
  }

  // Projects

  listProjects(): ProjectRecord[] {
    return [...this.#catalog.projects.values()];
  }

  getProject(projectId: string): ProjectRecord {
    const project = this.#catalog.projects.get(projectId);
    if (!project) throw notFound("project");
    return project;
  }

  async createProject(
    input: CreateProjectInput,
  ): Promise<BranchBundle & { project: ProjectRecord }> {
    const major = this.#parts.postgresMajor;
    if (input.pgVersion !== undefined && input.pgVersion !== major) {
      throw unprocessable(
        `this engine runs PostgreSQL ${major}; point it at another server with DS_POSTGRES_BIN to use version ${input.pgVersion}`,
      );
    }
    await this.#parts.checkSettings(input.defaultEndpointSettings?.pgSettings ?? {});
    const now = new Date().toISOString();
    const id = newProjectId();
    const project: ProjectRecord = {
      id,
      name: input.name ?? id,
      pgVersion: major,
      createdAt: now,
      updatedAt: now,
      historyRetentionSeconds: input.historyRetentionSeconds ?? 86_400,
      defaultEndpointSettings: { ...defaultEndpointSettings, ...input.defaultEndpointSettings },
      settings: input.settings ?? {},
    };
    throwIf(refuseSizing(project.defaultEndpointSettings));
    const owner = input.roleName ?? "neondb_owner";
    const database = input.databaseName ?? "neondb";
    const password = newPassword();
    const branch: BranchRecord = {
      id: newBranchId(),
      projectId: id,
      name: input.branchName ?? "main",
      default: true,
      protected: false,
      initSource: "parent-data",
      createdAt: now,
      updatedAt: now,
      ...(input.annotation ? { annotation: input.annotation } : {}),
      roles: [{ name: owner, password, protected: false, createdAt: now, updatedAt: now }],
      databases: [
        { id: newDatabaseId(), name: database, ownerName: owner, createdAt: now, updatedAt: now },
      ],
      dataDir: await this.#data.copyOf(await this.#parts.template()),
      passwordsToApply: [],
    };
    const compute = this.#computes.add(branch);
    let endpoint: EndpointRecord;
    try {
      await compute.admin("postgres", async (client) => {
        await sql.createRole(client, owner, password);
        await sql.createDatabase(client, database, owner);
      });
      endpoint = await this.#newEndpoint(project, branch.id, { type: "read_write" });
      await this.#catalog.commit(() => ({
        projects: [project],
        branches: [{ branch, endpoints: [endpoint] }],
      }));
    } catch (error) {
      await this.#computes.remove(branch.id);
      await this.#data.discard(branch.dataDir);
      throw asRefusal(error);
    }
    this.#beginHistory(branch.id);
    const at = { projectId: id, branchId: branch.id };
    const operations = [
      await this.#operations.add({ ...at, action: "create_timeline" }, now),
      await this.#operations.add({ ...at, endpointId: endpoint.id, action: "start_compute" }, now),
    ];
    return { project, branch, endpoints: [endpoint], operations };
  }

  async updateProject(
    projectId: string,
    patch: Parameters<ControlPlane["updateProject"]>[1],
  ): Promise<ProjectRecord> {
    this.getProject(projectId);
    await this.#parts.checkSettings(patch.defaultEndpointSettings?.pgSettings ?? {});
    await this.#catalog.commit(() => {
      const project = this.getProject(projectId);
      const updated: ProjectRecord = {
        ...project,
        updatedAt: new Date().toISOString(),
        name: patch.name ?? project.name,
        historyRetentionSeconds: patch.historyRetentionSeconds ?? project.historyRetentionSeconds,
        defaultEndpointSettings: {
          ...project.defaultEndpointSettings,
          ...patch.defaultEndpointSettings,
        },
        settings: { ...project.settings, ...patch.settings },
      };
      throwIf(refuseSizing(updated.defaultEndpointSettings));
      return { projects: [updated] };
    });
    return this.getProject(projectId);
  }

  async deleteProject(projectId: string): Promise<ProjectRecord> {
    const project = this.getProject(projectId);
    const branches = this.#catalog.branchesOf(projectId);
    const snapshots = this.#catalog.snapshotsOf(projectId);
    if (branches.some((branch) => branch.protected)) {
      throw unprocessable("cannot delete a project that has protected branches");
    }
    const ids = branches.map((branch) => branch.id);
    const exclusive = [...ids, ...snapshots.map(({ id }) => id)];
    await this.#locks.with({ exclusive }, async () => {
      for (const id of ids) await this.#computes.of(id).stop();
      await this.#catalog.commit(() => ({
        removedBranches: branches,
        removedSnapshots: snapshots,
        removedProjects: [project],
      }));
      for (const branch of branches) await this.#discard(branch);
      for (const { dataDir } of snapshots) await this.#data.discard(dataDir);
    });
    return project;
  }

  // Branches

  listBranches(projectId: string): BranchRecord[] {
    this.getProject(projectId);
    return this.#catalog.branchesOf(projectId);
  }

  getBranch(projectId: string, branchId: string): BranchRecord {
    this.getProject(projectId);
    const branch = this.#catalog.branches.get(branchId);
    if (!branch || branch.projectId !== projectId) throw notFound("branch");
    return branch;
  }

  branchState(branchId: string): "init" | "ready" {
    return this.#locks.isBusy(branchId) ? "init" : "ready";
  }

  async createBranch(projectId: string, input: CreateBranchInput): Promise<BranchBundle> {
    const project = this.getProject(projectId);
    const parent = input.parentId
      ? this.getBranch(projectId, input.parentId)
      : this.#defaultBranch(projectId);
    const name = input.name ?? newBranchName();
    const isProtected = input.protected ?? false;
    throwIf(refuseName(this.#catalog.branchesOf(projectId), name));
    const moment = momentOf(input.parentLsn, input.parentTimestamp);
    if (input.expiresAt) throwIf(refuseExpiry({ default: false, protected: isProtected }, []));
    const schemaOnly = input.initSource === "schema-only";
    if (schemaOnly && (input.parentLsn || input.parentTimestamp)) {
      throw unprocessable(
        "a schema-only branch has the schema of the present: make a branch from that moment first, and this one from it",
      );
    }
    refuseEndpoints(input.endpoints);
    for (const { pgSettings } of input.endpoints) await this.#parts.checkSettings(pgSettings ?? {});

    return this.#locks.with({ shared: [parent.id] }, async () => {
      const began = new Date().toISOString();
      const source = this.#computes.of(parent.id);
      const fork = schemaOnly
        ? await emptyFork(source, async () => this.#data.copyOf(await this.#parts.template()))
        : await this.#fork(parent.id, moment);
      const recordOf = schemaOnly ? schemaOnlyBranch : forkedBranch;
      const branch = recordOf(this.getBranch(projectId, parent.id), fork, {
        id: newBranchId(),
        name,
        protected: isProtected,
        ...(input.expiresAt ? { expiresAt: input.expiresAt } : {}),
        ...(input.annotation ? { annotation: input.annotation } : {}),
      });
      const compute = this.#computes.add(branch);
      const endpoints: EndpointRecord[] = [];
      try {
        if (schemaOnly) await copySchemas(source, compute, branch);
        for (const wanted of input.endpoints) {
          endpoints.push(await this.#newEndpoint(project, branch.id, wanted));
        }
        await this.#catalog.commit(() => {
          // Somebody may have taken the name while the data was copied.
          throwIf(refuseName(this.#catalog.branchesOf(projectId), name));
          return { branches: [{ branch, endpoints }] };
        });
      } catch (error) {
        await this.#computes.remove(branch.id);
        await this.#data.discard(branch.dataDir);
        throw error;
      }
      this.#beginHistory(branch.id, fork);
      const at = { projectId, branchId: branch.id };
      const operations = [await this.#operations.add({ ...at, action: "create_branch" }, began)];
      for (const { id } of endpoints) {
        const action = "start_compute";
        operations.push(await this.#operations.add({ ...at, endpointId: id, action }, began));
      }
      return { branch, endpoints, operations };
    });
  }

  async updateBranch(
    projectId: string,
    branchId: string,
    patch: { name?: string; protected?: boolean; expiresAt?: string | null },
  ): Promise<{ branch: BranchRecord; operations: OperationRecord[] }> {
    const branch = await this.#change(projectId, branchId, (current) => {
      const { expiresAt: before, ...rest } = current;
      const expiresAt = patch.expiresAt === undefined ? before : (patch.expiresAt ?? undefined);
      const updated: BranchRecord = {
        ...rest,
        name: patch.name ?? current.name,
        protected: patch.protected ?? current.protected,
        ...(expiresAt ? { expiresAt } : {}),
      };
      if (updated.name !== current.name) {
        throwIf(refuseName(this.#catalog.branchesOf(projectId), updated.name));
      }
      if (expiresAt) throwIf(refuseExpiry(updated, this.#catalog.childrenOf(branchId)));
      return updated;
    });
    return { branch, operations: [] };
  }

  async deleteBranch(
    projectId: string,
    branchId: string,
  ): Promise<{ branch: BranchRecord; operations: OperationRecord[] } | undefined> {
    this.getProject(projectId);
    const known = this.#catalog.branches.get(branchId);
    if (!known || known.projectId !== projectId) return undefined;
    throwIf(refuseDelete(known, this.#catalog.childrenOf(branchId)));
    return this.#locks.with({ exclusive: [branchId] }, async () => {
      const began = new Date().toISOString();
      const endpoints = this.#catalog.endpointsOf(branchId);
      await this.#computes.of(branchId).stop();
      let branch = known;
      await this.#catalog.commit(() => {
        branch = this.getBranch(projectId, branchId);
        throwIf(refuseDelete(branch, this.#catalog.childrenOf(branchId)));
        return { removedBranches: [branch] };
      });
      await this.#discard(branch);
      const at = { projectId, branchId };
      const operations = [];
      for (const { id } of endpoints) {
        const action = "suspend_compute";
        operations.push(await this.#operations.add({ ...at, endpointId: id, action }, began));
      }
      operations.push(await this.#operations.add({ ...at, action: "delete_timeline" }, began));
      return { branch, operations };
    });
  }

  /** Id, endpoint and passwords stay; while the data is exchanged, connections wait. */
  async restoreBranch(
    projectId: string,
    branchId: string,
    input: RestoreBranchInput,
  ): Promise<{ branch: BranchRecord; operations: OperationRecord[] }> {
    const check = () => {
      const target = this.getBranch(projectId, branchId);
      const source = this.getBranch(projectId, input.sourceBranchId);
      const children = this.#catalog.childrenOf(branchId);
      const branches = this.#catalog.branchesOf(projectId);
      throwIf(refuseRestore(target, source, children, branches, input.preserveUnderName));
      return { target, source, children };
    };
    check();
    const moment = momentOf(input.sourceLsn, input.sourceTimestamp);
    if (branchId === input.sourceBranchId && !moment) {
      throw unprocessable(
        "source_lsn or source_timestamp is required: the branch is its own source",
      );
    }

    const want = { exclusive: [branchId], shared: [input.sourceBranchId] };
    return this.#locks.with(want, async () => {
      const began = new Date().toISOString();
      const fork = await this.#fork(input.sourceBranchId, moment, branchId);
      let replaced: BranchRecord | undefined;
      try {
        await this.#computes.of(branchId).whileStopped(() =>
          this.#catalog.commit(() => {
            const { target, source, children } = check();
            const restored = restoredBranch(target, source, fork);
            if (!input.preserveUnderName) {
              replaced = target;
              return {
                branches: [this.#catalog.withEndpoints({ ...restored, parentId: source.id })],
              };
            }
            const files = children.map((child) => this.#catalog.withEndpoints(child));
            const kept = preservedBranch(target, files, input.preserveUnderName);
            const parentId = this.#descendsFrom(source, target) ? kept.preserved.id : source.id;
            return {
              branches: [
                this.#catalog.withEndpoints(kept.preserved, []),
                ...kept.children,
                this.#catalog.withEndpoints({ ...restored, parentId }),
              ],
            };
          }),
        );
      } catch (error) {
        await this.#data.discard(fork.dataDir);
        throw error;
      }
      if (replaced) await this.#data.discard(replaced.dataDir);
      this.#computes.addMissing();
      // What is before the restore is in the branch that was preserved, not in the source's past.
      this.#beginHistory(branchId, { ...fork, at: new Date().toISOString() });
      const at = { projectId, branchId };
      const operations = [await this.#operations.add({ ...at, action: "create_timeline" }, began)];
      return { branch: this.getBranch(projectId, branchId), operations };
    });
  }

  async setDefaultBranch(
    projectId: string,
    branchId: string,
  ): Promise<{ branch: BranchRecord; operations: OperationRecord[] }> {
    await this.#catalog.commit(() => {
      const branch = this.getBranch(projectId, branchId);
      if (branch.expiresAt)
        throw unprocessable("a branch that expires cannot be the default branch");
      const before = this.#catalog.branchesOf(projectId).filter((other) => other.default);
      return {
        branches: [
          ...before.map((other) =>
            this.#catalog.withEndpoints(touched({ ...other, default: false })),
          ),
          this.#catalog.withEndpoints(touched({ ...branch, default: true })),
        ],
      };
    });
    return { branch: this.getBranch(projectId, branchId), operations: [] };
  }

  /** Deletes the branches whose time is over; those with children stay until these are gone. */
  async deleteExpired(now = Date.now()): Promise<void> {
    for (const branch of [...this.#catalog.branches.values()]) {
      if (!branch.expiresAt || Date.parse(branch.expiresAt) > now) continue;
      await this.deleteBranch(branch.projectId, branch.id).catch(() => {});
    }
  }

  // Endpoints

  listEndpoints(projectId: string): EndpointRecord[] {
    this.getProject(projectId);
    return [...this.#catalog.endpoints.values()].filter((e) => e.projectId === projectId);
  }

  getEndpoint(projectId: string, endpointId: string): EndpointRecord {
    this.getProject(projectId);
    const endpoint = this.#catalog.endpoints.get(endpointId);
    if (!endpoint || endpoint.projectId !== projectId) throw notFound("endpoint");
    return endpoint;
  }

  servesPort(port: number): boolean {
    return this.#computes.listensOn(port);
  }

  computeState(endpointId: string): ComputeState {
    const endpoint = this.#catalog.endpoints.get(endpointId);
    return endpoint ? this.#computes.of(endpoint.branchId).state : { state: "idle" };
  }

  async createEndpoint(
    projectId: string,
    branchId: string,
    input: CreateEndpointInput,
  ): Promise<{ endpoint: EndpointRecord; operations: OperationRecord[] }> {
    const project = this.getProject(projectId);
    this.getBranch(projectId, branchId);
    refuseEndpoints([input]);
    const began = new Date().toISOString();
    const refuseSecond = () => {
      if (this.#catalog.endpointsOf(branchId).length > 0) {
        throw conflict(
          "ENDPOINT_ALREADY_EXISTS",
          "read_write endpoint already exists on the branch",
        );
      }
    };
    refuseSecond();
    await this.#parts.checkSettings(input.pgSettings ?? {});
    return this.#locks.with({ shared: [branchId] }, async () => {
      refuseSecond();
      const endpoint = await this.#newEndpoint(project, branchId, input);
      try {
        await this.#catalog.commit(() => {
          refuseSecond();
          const branch = this.getBranch(projectId, branchId);
          return { branches: [this.#catalog.withEndpoints(branch, [endpoint])] };
        });
      } catch (error) {
        await this.#computes.closeEndpoint(endpoint.id);
        throw error;
      }
      return this.#endpointDone(endpoint, "start_compute", began);
    });
  }

  async updateEndpoint(
    projectId: string,
    endpointId: string,
    patch: Partial<Omit<CreateEndpointInput, "type">>,
  ): Promise<{ endpoint: EndpointRecord; operations: OperationRecord[] }> {
    const began = new Date().toISOString();
    const { branchId } = this.getEndpoint(projectId, endpointId);
    await this.#parts.checkSettings(patch.pgSettings ?? {});
    await this.#locks.with({ shared: [branchId] }, () =>
      this.#catalog.commit(() => {
        const endpoint = touched({ ...this.getEndpoint(projectId, endpointId), ...patch });
        throwIf(refuseSizing(endpoint));
        return {
          branches: [{ branch: this.getBranch(projectId, branchId), endpoints: [endpoint] }],
        };
      }),
    );
    const endpoint = this.getEndpoint(projectId, endpointId);
    // Settings and disabling take effect at the next start, which the next connection brings about.
    if (patch.disabled || patch.pgSettings) await this.#computes.of(branchId).stop();
    return this.#endpointDone(endpoint, "apply_config", began);
  }

  async deleteEndpoint(
    projectId: string,
    endpointId: string,
  ): Promise<{ endpoint: EndpointRecord; operations: OperationRecord[] } | undefined> {
    this.getProject(projectId);
    const endpoint = this.#catalog.endpoints.get(endpointId);
    if (!endpoint || endpoint.projectId !== projectId) return undefined;
    const { branchId } = endpoint;
    const began = new Date().toISOString();
    return this.#locks.with({ exclusive: [branchId] }, async () => {
      await this.#computes.of(branchId).stop();
      await this.#catalog.commit(() => ({
        branches: [{ branch: this.getBranch(projectId, branchId), endpoints: [] }],
      }));
      await this.#computes.closeEndpoint(endpointId);
      return this.#endpointDone(endpoint, "suspend_compute", began);
    });
  }

  async startEndpoint(projectId: string, endpointId: string) {
    const began = new Date().toISOString();
    const endpoint = this.getEndpoint(projectId, endpointId);
    if (endpoint.disabled) throw unprocessable("the endpoint is disabled");
    await this.#computes.of(endpoint.branchId).ensureRunning();
    return this.#endpointDone(endpoint, "start_compute", began);
  }

  async suspendEndpoint(projectId: string, endpointId: string) {
    const began = new Date().toISOString();
    const endpoint = this.getEndpoint(projectId, endpointId);
    await this.#computes.suspend(endpoint.branchId);
    return this.#endpointDone(endpoint, "suspend_compute", began);
  }

  async restartEndpoint(projectId: string, endpointId: string) {
    await this.suspendEndpoint(projectId, endpointId);
    return this.startEndpoint(projectId, endpointId);
  }

  // Roles and databases

  async listRoles(projectId: string, branchId: string): Promise<RoleRecord[]> {
    return (await this.#current(projectId, branchId)).roles;
  }

  async createRole(projectId: string, branchId: string, input: { name: string; noLogin: boolean }) {
    const password = input.noLogin ? undefined : newPassword();
    const branch = await this.#current(projectId, branchId);
    if (branch.roles.some(({ name }) => name === input.name)) {
      throw conflict("ROLE_ALREADY_EXISTS", `role "${input.name}" already exists`);
    }
    const now = new Date().toISOString();
    const role: RoleRecord = {
      name: input.name,
      ...(password ? { password } : {}),
      protected: false,
      createdAt: now,
      updatedAt: now,
    };
    return this.#withSql(branch, "postgres", async (client) => {
      await sql.createRole(client, input.name, password);
      await this.#change(projectId, branchId, (b) => ({ ...b, roles: [...b.roles, role] }));
      return { role };
    });
  }

  async deleteRole(projectId: string, branchId: string, name: string) {
    const branch = await this.#current(projectId, branchId);
    const role = branch.roles.find((candidate) => candidate.name === name);
    if (!role) return undefined;
    const owned = branch.databases.find((database) => database.ownerName === name);
    if (owned) throw unprocessable(`role "${name}" owns the database "${owned.name}"`);
    for (const database of branch.databases) {
      await this.#withSql(branch, database.name, async (client) => {
        await sql.disownInDatabase(client, name);
        return {};
      });
    }
    return this.#withSql(branch, "postgres", async (client) => {
      await sql.dropRole(client, name);
      await this.#change(projectId, branchId, (b) => ({
        ...b,
        roles: b.roles.filter((candidate) => candidate.name !== name),
      }));
      return { role };
    });
  }

  async resetRolePassword(projectId: string, branchId: string, name: string) {
    const branch = await this.#current(projectId, branchId);
    if (!branch.roles.some((role) => role.name === name)) throw notFound("role");
    const password = newPassword();
    return this.#withSql(branch, "postgres", async (client) => {
      await sql.setPassword(client, name, password);
      const updatedAt = new Date().toISOString();
      const changed = await this.#change(projectId, branchId, (b) => ({
        ...b,
        roles: b.roles.map((role) =>
          role.name === name ? { ...role, password, updatedAt } : role,
        ),
      }));
      return { role: changed.roles.find((role) => role.name === name) as RoleRecord };
    });
  }

  async listDatabases(projectId: string, branchId: string): Promise<DatabaseRecord[]> {
    return (await this.#current(projectId, branchId)).databases;
  }

  async createDatabase(
    projectId: string,
    branchId: string,
    input: { name: string; ownerName: string },
  ) {
    const branch = await this.#current(projectId, branchId);
    if (
      ["postgres", "template0", "template1"].includes(input.name) ||
      findDatabase(branch, input.name)
    ) {
      throw conflict("DATABASE_ALREADY_EXISTS", `database "${input.name}" already exists`);
    }
    if (!branch.roles.some((role) => role.name === input.ownerName)) throw notFound("role");
    return this.#withSql(branch, "postgres", async (client) => {
      await sql.createDatabase(client, input.name, input.ownerName);
      const { databases } = await this.#sync(projectId, branchId, client);
      return { database: databases.find(({ name }) => name === input.name) as DatabaseRecord };
    });
  }

  async updateDatabase(
    projectId: string,
    branchId: string,
    name: string,
    patch: { name?: string; ownerName?: string },
  ) {
    const branch = await this.#current(projectId, branchId);
    const database = findDatabase(branch, name);
    if (!database) throw notFound("database");
    const newName = patch.name ?? name;
    if (newName !== name && findDatabase(branch, newName)) {
      throw conflict("DATABASE_ALREADY_EXISTS", `database "${newName}" already exists`);
    }
    if (patch.ownerName && !branch.roles.some((role) => role.name === patch.ownerName)) {
      throw notFound("role");
    }
    return this.#withSql(branch, "postgres", async (client) => {
      await sql.alterDatabase(client, name, patch);
      const updated: DatabaseRecord = {
        ...database,
        name: newName,
        ownerName: patch.ownerName ?? database.ownerName,
        updatedAt: new Date().toISOString(),
      };
      await this.#change(projectId, branchId, (b) => ({
        ...b,
        databases: b.databases.map((candidate) => (candidate.name === name ? updated : candidate)),
      }));
      return { database: updated };
    });
  }

  async deleteDatabase(projectId: string, branchId: string, name: string) {
    const branch = await this.#current(projectId, branchId);
    const database = findDatabase(branch, name);
    if (!database) return undefined;
    return this.#withSql(branch, "postgres", async (client) => {
      await sql.dropDatabase(client, name);
      await this.#change(projectId, branchId, (b) => ({
        ...b,
        databases: b.databases.filter((candidate) => candidate.name !== name),
      }));
      return { database };
    });
  }

  async readSchema(projectId: string, branchId: string, database: string): Promise<string> {
    const compute = await this.#awakeWith(projectId, branchId, database);
    return compute.dumpSchema(database);
  }

  async readTables(projectId: string, branchId: string, database: string) {
    const compute = await this.#awakeWith(projectId, branchId, database);
    return compute.admin(database, readTables);
  }

  // Operations

  listOperations(projectId: string): OperationRecord[] {
    this.getProject(projectId);
    return this.#operations.of(projectId);
  }

  getOperation(projectId: string, operationId: string): OperationRecord {
    const operation = this.listOperations(projectId).find(({ id }) => id === operationId);
    if (!operation) throw notFound("operation");
    return operation;
  }

  // Shared steps

  #defaultBranch(projectId: string): BranchRecord {
    const branch = this.#catalog.branchesOf(projectId).find((candidate) => candidate.default);
    if (!branch) throw notFound("default branch");
    return branch;
  }

  #descendsFrom(branch: BranchRecord, ancestor: BranchRecord): boolean {
    for (let at: BranchRecord | undefined = branch; at; ) {
      if (at.id === ancestor.id) return true;
      at = at.parentId ? this.#catalog.branches.get(at.parentId) : undefined;
    }
    return false;
  }

  /** The branch, and a target that will be replaced, are locked already. */
  async #fork(branchId: string, moment: Moment | undefined, target?: string): Promise<Fork> {
    if (!moment) return this.#data.fork(this.#source(branchId));
    const holder = await this.#holderOf(branchId, moment);
    const isLocked = holder === branchId || holder === target;
    return this.#locks.with({ shared: isLocked ? [] : [holder] }, () =>
      this.#timeTravel.fork(this.#source(holder), moment),
    );
  }

  /** The branch in whose history the moment is: before a fork, the one it was made from goes on. */
  async #holderOf(branchId: string, moment: Moment): Promise<string> {
    for (let id = branchId; ; ) {
      const branch = this.#catalog.branches.get(id);
      if (!branch) throw notFound("branch");
      if (await this.#timeTravel.reaches(this.#source(id), moment)) return id;
      const origin =
        isBeforeFork(branch, moment) &&
        this.#catalog.branchesOf(branch.projectId).find((b) => b.dataDir === branch.copiedFrom);
      if (!origin) return id;
      id = origin.id;
    }
  }

  #source(branchId: string): Source {
    const branch = this.#catalog.branches.get(branchId);
    if (!branch) throw notFound("branch");
    return {
      name: branch.name,
      dataDir: branch.dataDir,
      compute: this.#computes.of(branchId),
      windowSeconds: this.getProject(branch.projectId).historyRetentionSeconds,
      logicalSize: branch.logicalSize,
      isCurrent: () => this.#catalog.branches.get(branchId)?.dataDir === branch.dataDir,
      isKept: () => [...this.#catalog.branches.values()].some((b) => b.dataDir === branch.dataDir),
    };
  }

  /** The first base of new data. Nobody waits for it; connections do while it is copied. */
  #beginHistory(branchId: string, fork?: Fork): void {
    const source = this.#source(branchId);
    this.#pending = Promise.all([
      this.#pending,
      this.#timeTravel.takeBase(source, fork).catch((error: Error) => {
        this.#parts.log(`no base for the history of ${source.name}: ${error.message}`);
      }),
    ]);
  }

  /** Keeps the past of every branch within its window. */
  async tendHistories(): Promise<void> {
    for (const { id, name } of [...this.#catalog.branches.values()]) {
      if (this.#locks.isBusy(id) || !this.#catalog.branches.has(id)) continue;
      await this.#timeTravel.tend(this.#source(id)).catch((error: Error) => {
        this.#parts.log(`tending the history of ${name} failed: ${error.message}`);
      });
    }
    this.#data.emptyTrash();
  }

  /** Resolves when nothing is going on in the background any more. */
  async settled(): Promise<void> {
    await this.#pending;
  }

  async #newEndpoint(
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
    return this.#computes.openNewEndpoint(endpoint);
  }

  async #discard(branch: BranchRecord): Promise<void> {
    await this.#computes.remove(branch.id);
    await this.#data.discard(branch.dataDir);
  }

  /** One step of the catalog that changes one branch's record. */
  async #change(
    projectId: string,
    branchId: string,
    change: (branch: BranchRecord) => BranchRecord,
  ): Promise<BranchRecord> {
    await this.#catalog.commit(() => {
      const changed = touched(change(this.getBranch(projectId, branchId)));
      return { branches: [this.#catalog.withEndpoints(changed)] };
    });
    return this.getBranch(projectId, branchId);
  }

  /** The record, brought up to date when the compute runs: SQL can make roles and databases too. */
  async #current(projectId: string, branchId: string): Promise<BranchRecord> {
    const branch = this.getBranch(projectId, branchId);
    const compute = this.#computes.of(branchId);
    if (!compute.isRunning) return branch;
    return compute
      .admin("postgres", (client) => this.#sync(projectId, branchId, client))
      .catch((error: unknown) => {
        // Suspended meanwhile: the record is what was last seen.
        if (lostServer(error)) return this.getBranch(projectId, branchId);
        throw error;
      });
  }

  /** The running compute of a branch that has this database, also when it was made by SQL. */
  async #awakeWith(projectId: string, branchId: string, database: string) {
    const { id } = this.getBranch(projectId, branchId);
    const compute = this.#computes.of(id);
    await compute.ensureRunning();
    if (!findDatabase(await this.#current(projectId, id), database)) throw notFound("database");
    return compute;
  }

  async #sync(
    projectId: string,
    branchId: string,
    client: Parameters<Parameters<ReturnType<Computes["of"]>["admin"]>[1]>[0],
  ): Promise<BranchRecord> {
    await this.#computes.record(branchId, await sql.readContents(client));
    return this.getBranch(projectId, branchId);
  }

  async #withSql<T extends object>(
    branch: BranchRecord,
    database: string,
    work: (client: Parameters<Parameters<ReturnType<Computes["of"]>["admin"]>[1]>[0]) => Promise<T>,
  ): Promise<T & { operations: OperationRecord[] }> {
    const began = new Date().toISOString();
    return this.#locks.with({ shared: [branch.id] }, async () => {
      const result = await this.#computes
        .of(branch.id)
        .admin(database, work)
        .catch((error: unknown) => {
          throw asRefusal(error);
        });
      const at = { projectId: branch.projectId, branchId: branch.id };
      return {
        ...result,
        operations: [await this.#operations.add({ ...at, action: "apply_config" }, began)],
      };
    });
  }

  async #endpointDone(
    endpoint: EndpointRecord,
    action: OperationRecord["action"],
    began: string,
  ): Promise<{ endpoint: EndpointRecord; operations: OperationRecord[] }> {
    const { projectId, branchId, id: endpointId } = endpoint;
    const operation = await this.#operations.add(
      { projectId, branchId, endpointId, action },
      began,
    );
    return { endpoint, operations: [operation] };
  }
}

function findDatabase(branch: BranchRecord, name: string): DatabaseRecord | undefined {
  return branch.databases.find((database) => database.name === name);
}

function throwIf(refusal: Error | undefined): void {
  if (refusal) throw refusal;
}

function refuseEndpoints(endpoints: CreateEndpointInput[]): void {
  if (endpoints.some(({ type }) => type === "read_only")) {
    throw unprocessable(
      "this engine has no read replicas: only read_write endpoints can be created",
    );
  }
  if (endpoints.length > 1) {
    throw unprocessable("a branch has at most one read_write endpoint");
  }
}

/** What Postgres refuses (a bad name, something still in use) is the client's to mend. */
function asRefusal(error: unknown): unknown {
  const { severity, message } = error as { severity?: string; message: string };
  return severity === "ERROR" ? unprocessable(message) : error;
}
