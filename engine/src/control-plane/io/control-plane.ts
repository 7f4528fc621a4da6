import { notFound } from "../../lib/engine-error.ts";
import type { OperationRecord } from "../../model/records.ts";
import type { ControlPlane, EngineStatus } from "../api.ts";
import { branches } from "./branches.ts";
import { type ControlPlaneParts, Core } from "./core.ts";
import { endpoints } from "./endpoints.ts";
import { projects } from "./projects.ts";
import { rolesAndDatabases } from "./roles-and-databases.ts";
import { Snapshots } from "./snapshots.ts";

/** The control plane, and the work it does by itself from time to time. */
export interface LocalControlPlane extends ControlPlane {
  /** Deletes the branches whose time is over. */
  deleteExpired(now?: number): Promise<void>;
  /** Keeps the past of every branch within its window. */
  maintainBaseBackups(): Promise<void>;
  /** Resolves when nothing is going on in the background any more. */
  settled(): Promise<void>;
  readonly snapshots: Snapshots;
}

/**
 * The transitions of projects, branches and endpoints. Each prepares everything that can fail, then
 * commits in one step of the catalog, then cleans up what nothing refers to any more; so a crash at
 * any instruction leaves the state before or the state after.
 */
export function openControlPlane(parts: ControlPlaneParts): LocalControlPlane {
  const core = new Core(parts);
  return {
    homeId: parts.homeId,
    status: (): Promise<EngineStatus> => parts.describe(),
    getProject: (projectId) => core.getProject(projectId),
    getBranch: (projectId, branchId) => core.getBranch(projectId, branchId),
    getEndpoint: (projectId, endpointId) => core.getEndpoint(projectId, endpointId),
    ...projects(core),
    ...branches(core),
    ...endpoints(core),
    ...rolesAndDatabases(core),
    ...operations(core),
    snapshots: new Snapshots({
      ...parts,
      locks: core.locks,
      operations: core.operations,
      getProject: (id) => core.getProject(id),
      getBranch: (projectId, id) => core.getBranch(projectId, id),
      fork: (branchId, moment) => core.fork(branchId, moment),
      newEndpoint: (project, branchId, input) => core.newEndpoint(project, branchId, input),
      takeFirstBaseBackup: (branchId) => core.takeFirstBaseBackup(branchId),
    }),
    maintainBaseBackups: () => core.maintainBaseBackups(),
    settled: () => core.settled(),
  };
}

/** The log of what was done. */
export function operations(core: Core) {
  const own = {
    listOperations(projectId: string): OperationRecord[] {
      core.getProject(projectId);
      return core.operations.of(projectId);
    },

    getOperation(projectId: string, operationId: string): OperationRecord {
      const operation = own.listOperations(projectId).find(({ id }) => id === operationId);
      if (!operation) throw notFound("operation");
      return operation;
    },
  };
  return own;
}
