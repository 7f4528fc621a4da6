import { createHmac } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { throwIf } from "../../lib/engine-error.ts";
import type { BranchRecord, EndpointRecord, ProjectRecord } from "../../model/records.ts";
import { type AdminAddress, asAdmin } from "../../postgres/io/admin.ts";
import { Compute } from "../../postgres/io/compute.ts";
import type { ComputePlan } from "../../postgres/io/launch.ts";
import { setPassword } from "../../postgres/io/roles.ts";
import { dropSubscriptions, withoutSubscribing } from "../../postgres/io/subscriptions.ts";
import type { PostgresVersions } from "../../postgres/versions/io/postgres-versions.ts";
import { Replica, type ReplicaParts } from "../../replicas/io/replica.ts";
import type { Catalog } from "../../storage/io/catalog.ts";
import type { BranchData } from "../../storage/io/data-directories.ts";
import type { ReplicaData } from "../../storage/io/replica-data.ts";
import { refuseUnmasked } from "../anonymization-rules.ts";
import { computeSettings } from "../compute-settings.ts";
import type { Records } from "./records.ts";

/** How much of its log a branch keeps at most, so that its past can be made again. */
const keptLog = process.env.DS_HISTORY_SIZE ?? "1GB";

interface ComputePoolParts {
  catalog: Catalog;
  records: Records;
  data: BranchData;
  replicas: ReplicaData;
  postgres: PostgresVersions;
  /** Directory of the servers' logs. */
  logs: string;
  log: (line: string) => void;
}

/** The Postgres of each branch, and those of its read replicas. */
export class ComputePool {
  readonly #parts: ComputePoolParts;
  readonly #computes = new Map<string, Compute>();
  readonly #apart = new Set<Compute>();
  /** By endpoint. */
  readonly #replicas = new Map<string, { replica: Replica; branchId: string }>();

  constructor(parts: ComputePoolParts) {
    this.#parts = parts;
  }

  of(branchId: string): Compute {
    const compute = this.#computes.get(branchId);
    if (!compute) throw new Error(`no compute for ${branchId}`);
    return compute;
  }

  /** The compute, if it runs. */
  runningOf(branchId: string): Compute | undefined {
    const compute = this.#computes.get(branchId);
    return compute?.isRunning ? compute : undefined;
  }

  /** The server behind an address: the branch's own, or a read replica's. */
  ofEndpoint({ id, branchId, type }: Pick<EndpointRecord, "id" | "branchId" | "type">): Compute {
    if (type === "read_write") return this.of(branchId);
    const known = this.#replicas.get(id)?.replica;
    const replica = known ?? new Replica(this.#replicaParts, id);
    this.#replicas.set(id, { replica, branchId });
    return replica.compute;
  }

  /** Those that run, with their endpoints. */
  get runningReplicas(): { endpointId: string; branchId: string; replica: Replica }[] {
    return [...this.#replicas].flatMap(([endpointId, { replica, branchId }]) =>
      replica.compute.isRunning ? { endpointId, branchId, replica } : [],
    );
  }

  /** Of a branch that has got other data, or settings: the next connection starts them anew. */
  async stopReplicasOf(branchId: string): Promise<void> {
    const own = [...this.#replicas.values()].filter((known) => known.branchId === branchId);
    await Promise.all(own.map(({ replica }) => replica.compute.stop()));
  }

  async removeReplica(endpointId: string): Promise<void> {
    const known = this.#replicas.get(endpointId);
    this.#replicas.delete(endpointId);
    await known?.replica.remove();
  }

  get running(): string[] {
    return [...this.#computes].flatMap(([id, compute]) => (compute.isRunning ? id : []));
  }

  /** `record` serves until the catalog has the branch, and `newProject` until it has its project. */
  add(record: BranchRecord, newProject?: ProjectRecord): Compute {
    const current = () => this.#parts.catalog.branches.get(record.id) ?? record;
    const { project, environment } = this.#projectOf(record, newProject);
    const compute = new Compute({
      environment,
      adminPassword: this.#parts.postgres.own.adminPassword,
      plan: () => {
        throwIf(refuseUnmasked(current()));
        return this.#plan(current(), project(), environment().preloadable);
      },
      afterStart: (address) => this.#settle(address, current()),
      lastActive: record.lastActiveAt,
    });
    this.#computes.set(record.id, compute);
    return compute;
  }

  /** A server on a copy of a branch's data, which no address leads to. `endApart` is its end. */
  apart(record: BranchRecord, settings: Record<string, string>): Compute {
    const { project, environment } = this.#projectOf(record);
    const compute = new Compute({
      environment,
      adminPassword: this.#parts.postgres.own.adminPassword,
      plan: () => {
        const plan = this.#plan(record, project(), environment().preloadable);
        return { ...plan, settings: { ...plan.settings, ...settings } };
      },
      afterStart: async () => false,
    });
    this.#apart.add(compute);
    return compute;
  }

  async endApart(compute: Compute): Promise<void> {
    await compute.retire();
    this.#apart.delete(compute);
  }

  /** Secret, and the same for a project as long as the home is. */
  saltOf(projectId: string): string {
    const { adminPassword } = this.#parts.postgres.own;
    return createHmac("sha256", adminPassword).update(`masks of ${projectId}`).digest("hex");
  }

  /** Computes for branches that came to the catalog by themselves (loaded, or preserved). */
  addMissing(): void {
    for (const branch of this.#parts.catalog.branches.values()) {
      if (!this.#computes.has(branch.id)) this.add(branch);
    }
  }

  #projectOf({ projectId }: BranchRecord, newProject?: ProjectRecord) {
    const { catalog, postgres } = this.#parts;
    const project = () => catalog.projects.get(projectId) ?? newProject;
    const environment = () => postgres.of(project()?.pgVersion ?? postgres.own.binaries.major);
    return { project, environment };
  }

  /** Stops the compute, and its replicas, for good. */
  async remove(branchId: string): Promise<void> {
    for (const [endpointId, known] of this.#replicas) {
      if (known.branchId === branchId) await this.removeReplica(endpointId);
    }
    await this.#computes.get(branchId)?.retire();
    this.#computes.delete(branchId);
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#replicas.values()].map(({ replica }) => replica.close()));
    const all = [...this.#computes.values(), ...this.#apart];
    await Promise.all(all.map((compute) => compute.retire()));
  }

  /** Of a branch's server, or of an endpoint's that is a replica. */
  logOf(id: string): string {
    return join(this.#parts.logs, `${id}.log`);
  }

  get #replicaParts(): ReplicaParts {
    const { catalog, data, replicas, postgres, log } = this.#parts;
    const environmentOf = (branch: BranchRecord) => this.#projectOf(branch).environment();
    return {
      ...{ catalog, data, replicas, environmentOf, log },
      adminPassword: postgres.own.adminPassword,
      primaryOf: (branchId) => this.of(branchId),
      settingsOf: (branch, endpoint = this.#primaryEndpoint(branch)) =>
        this.#settings(branch, {
          endpoint,
          project: this.#projectOf(branch).project(),
          preloadable: environmentOf(branch).preloadable,
        }),
      logOf: (endpointId) => this.logOf(endpointId),
    };
  }

  #primaryEndpoint({ id }: BranchRecord): EndpointRecord | undefined {
    return this.#parts.catalog.endpointsOf(id).find(({ type }) => type === "read_write");
  }

  #plan(
    branch: BranchRecord,
    project: ProjectRecord | undefined,
    preloadable: readonly string[],
  ): ComputePlan {
    const endpoint = this.#primaryEndpoint(branch);
    return {
      dataDir: this.#parts.data.path(branch.dataDir),
      logFile: this.logOf(branch.id),
      clusterName: branch.id,
      settings: {
        ...this.#settings(branch, { project, endpoint, preloadable }),
        ...(branch.subscriptionsToDrop && withoutSubscribing),
      },
    };
  }

  #settings(
    branch: BranchRecord,
    given: {
      project: ProjectRecord | undefined;
      endpoint: EndpointRecord | undefined;
      preloadable: readonly string[];
    },
  ): Record<string, string> {
    const { project, endpoint, preloadable } = given;
    const preparedTransactions = countPrepared(this.#parts.data.path(branch.dataDir));
    const owner = { branch, project, endpoint, preparedTransactions };
    return computeSettings(owner, { keptLog, preloadable });
  }

  /** Makes a copy's own what it was given; true when Postgres has to be started again for it. */
  async #settle(address: AdminAddress, branch: BranchRecord): Promise<boolean> {
    await this.#applyPasswords(address, branch);
    if (!branch.subscriptionsToDrop) return false;
    await dropSubscriptions(address);
    await this.#parts.records.changeBranchIfThere(
      branch.id,
      ({ subscriptionsToDrop: _, ...rest }) => rest,
    );
    return true;
  }

  async #applyPasswords(address: AdminAddress, branch: BranchRecord): Promise<void> {
    const { passwordsToApply, roles } = branch;
    if (passwordsToApply.length === 0) return;
    await asAdmin(address, "postgres", async (client) => {
      for (const { name, password } of roles) {
        if (password && passwordsToApply.includes(name)) await setPassword(client, name, password);
      }
    });
    await this.#parts.records.changeBranchIfThere(branch.id, (now) => ({
      ...now,
      passwordsToApply: [],
    }));
  }
}

function countPrepared(dataDir: string): number {
  const files = join(dataDir, "pg_twophase");
  return existsSync(files) ? readdirSync(files).length : 0;
}
