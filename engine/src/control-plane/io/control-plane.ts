import { databasesWith } from "../../extensions/io/in-use.ts";
import { conflict, notFound } from "../../lib/engine-error.ts";
import { readAdvice } from "../../postgres/io/advisor.ts";
import { readTables } from "../../postgres/io/schema-tables.ts";
import { redactDump } from "../../postgres/redact-dump.ts";
import type {
  BranchTransitions,
  ContentTransitions,
  ControlPlane,
  EndpointTransitions,
  ProjectTransitions,
  SnapshotTransitions,
} from "../api.ts";
import type { ExtensionTransitions, WaitingBranch } from "../extension-types.ts";
import { awakeWith, currentBranch, pagesApart } from "./branch-sql.ts";
import { deleteBranch, deleteExpiredBranches, setDefaultBranch, updateBranch } from "./branches.ts";
import { createBranch } from "./create-branch.ts";
import { createProject } from "./create-project.ts";
import { createDatabase, deleteDatabase, updateDatabase } from "./databases.ts";
import * as endpoints from "./endpoints.ts";
import { destructionsOf } from "./fork-branch.ts";
import { deleteProject, grantPermission, revokePermission, updateProject } from "./projects.ts";
import { restoreBranch } from "./restore-branch.ts";
import { finalizeRestore, restoreSnapshot } from "./restore-snapshot.ts";
import { createRole, deleteRole, resetRolePassword } from "./roles.ts";
import type { Services, Takes } from "./services.ts";
import {
  createSnapshot,
  deleteSnapshot,
  maintainSnapshots,
  setSnapshotSchedule,
  updateSnapshot,
} from "./snapshots.ts";

/** The control plane, and the work it does by itself from time to time. */
export interface LocalControlPlane extends ControlPlane {
  /** Deletes the branches whose time is over. */
  deleteExpiredBranches(now?: number): Promise<void>;
  /** Takes the snapshots that schedules ask for, and deletes those that have expired. */
  maintainSnapshots(now?: number): Promise<void>;
  /** Keeps the past of every branch within its window. */
  maintainBaseBackups(): Promise<void>;
  /** Resolves when nothing is going on in the background any more. */
  settled(): Promise<void>;
  /** Leaves what is still under way to the next start. */
  abandon(): void;
}

/**
 * The transitions of projects, branches and endpoints. Each prepares everything that can fail, then
 * commits in one step of the catalog, then cleans up what nothing refers to any more; so a crash at
 * any instruction leaves the state before or the state after.
 */
export function openControlPlane(
  services: Services,
  engine: Pick<
    ControlPlane,
    "homeId" | "apiKeys" | "anonymized" | "status" | "diskSizes" | "removeQuarantined"
  >,
): LocalControlPlane {
  return {
    ...engine,
    ...projectTransitions(services),
    ...branchTransitions(services),
    ...endpointTransitions(services),
    ...contentTransitions(services),
    ...operationQueries(services),
    operationsProgress: () => services.background.progress,
    snapshots: snapshotTransitions(services),
    extensions: extensionTransitions(services),
    postgres: {
      add: (major, bin) => services.postgres.add(major, bin),
      remove: (major) =>
        services.postgres.remove(major, () => refuseVersionInUse(services.catalog, major)),
    },
    deleteExpiredBranches: (now) => deleteExpiredBranches(services, now),
    maintainSnapshots: (now) => maintainSnapshots(services, now),
    maintainBaseBackups: () => services.history.runMaintenance(),
    settled: async () => {
      await services.background.settled();
      await services.history.settled();
    },
    abandon: () => services.background.abandon(),
  };
}

function projectTransitions(services: Services): ProjectTransitions {
  return {
    listProjects: () => [...services.catalog.projects.values()],
    getProject: (projectId) => services.records.project(projectId),
    createProject: (input) => createProject(services, input),
    preloadable: (projectId) =>
      services.postgres.of(services.records.project(projectId).pgVersion).preloadable,
    updateProject: (projectId, patch) => updateProject(services, projectId, patch),
    deleteProject: (projectId) => deleteProject(services, projectId),
    grantPermission: (projectId, email) => grantPermission(services, projectId, email),
    revokePermission: (projectId, permissionId) =>
      revokePermission(services, projectId, permissionId),
  };
}

function branchTransitions(services: Services): BranchTransitions {
  const { catalog, records, locks } = services;
  return {
    listBranches: (projectId) => catalog.branchesOf(records.project(projectId).id),
    getBranch: (projectId, branchId) => records.branch(projectId, branchId),
    branchState: (branchId) => (locks.isBusy(branchId) ? "init" : "ready"),
    createBranch: (projectId, input) => createBranch(services, projectId, input),
    updateBranch: (projectId, branchId, patch) =>
      updateBranch(services, projectId, branchId, patch),
    deleteBranch: (projectId, branchId) => deleteBranch(services, projectId, branchId),
    restoreBranch: (projectId, branchId, input) =>
      restoreBranch(services, projectId, branchId, input),
    setDefaultBranch: (projectId, branchId) => setDefaultBranch(services, projectId, branchId),
    findDestructions: (projectId, branchId, limit) =>
      destructionsOf(services, projectId, branchId, limit),
  };
}

function endpointTransitions(services: Services): EndpointTransitions {
  const { catalog, records, computes, listeners, locks } = services;
  return {
    listEndpoints: (projectId) => {
      const { id } = records.project(projectId);
      return [...catalog.endpoints.values()].filter((endpoint) => endpoint.projectId === id);
    },
    getEndpoint: (projectId, endpointId) => records.endpoint(projectId, endpointId),
    computeState: (endpointId) => {
      const endpoint = catalog.endpoints.get(endpointId);
      if (!endpoint) return { state: "idle" };
      const { state } = computes.ofEndpoint(endpoint);
      return locks.isBusy(endpoint.branchId) ? { ...state, state: "init" } : state;
    },
    endpointAt: (port) => listeners.endpointAt(port),
    createEndpoint: (projectId, branchId, input) =>
      endpoints.createEndpoint(services, projectId, branchId, input),
    updateEndpoint: (projectId, endpointId, patch) =>
      endpoints.updateEndpoint(services, projectId, endpointId, patch),
    deleteEndpoint: (projectId, endpointId) =>
      endpoints.deleteEndpoint(services, projectId, endpointId),
    startEndpoint: (projectId, endpointId) =>
      endpoints.startEndpoint(services, projectId, endpointId),
    suspendEndpoint: (projectId, endpointId) =>
      endpoints.suspendEndpoint(services, projectId, endpointId),
    restartEndpoint: (projectId, endpointId) =>
      endpoints.restartEndpoint(services, projectId, endpointId),
  };
}

function contentTransitions(services: Services): ContentTransitions {
  return {
    listRoles: async (projectId, branchId) =>
      (await currentBranch(services, projectId, branchId)).roles,
    createRole: (projectId, branchId, input) => createRole(services, projectId, branchId, input),
    deleteRole: (projectId, branchId, name) => deleteRole(services, projectId, branchId, name),
    resetRolePassword: (projectId, branchId, name) =>
      resetRolePassword(services, projectId, branchId, name),
    listDatabases: async (projectId, branchId) =>
      (await currentBranch(services, projectId, branchId)).databases,
    createDatabase: (projectId, branchId, input) =>
      createDatabase(services, projectId, branchId, input),
    updateDatabase: (projectId, branchId, name, patch) =>
      updateDatabase(services, { projectId, branchId }, name, patch),
    deleteDatabase: (projectId, branchId, name) =>
      deleteDatabase(services, projectId, branchId, name),
    readSchema: async (projectId, branchId, database) => {
      const compute = await awakeWith(services, projectId, branchId, database);
      return redactDump(await compute.dumpSchema(database));
    },
    readAdvice: async (projectId, branchId, database) => {
      const compute = await awakeWith(services, projectId, branchId, database);
      return compute.admin(database, readAdvice);
    },
    readChangedPages: (question) => pagesApart(services, question),
    readTables: async (projectId, branchId, database) => {
      const compute = await awakeWith(services, projectId, branchId, database);
      return compute.admin(database, readTables);
    },
  };
}

function snapshotTransitions(services: Services): SnapshotTransitions {
  const { catalog, records } = services;
  return {
    list: (projectId) => catalog.snapshotsOf(records.project(projectId).id),
    create: (projectId, branchId, wanted) => createSnapshot(services, projectId, branchId, wanted),
    update: (projectId, snapshotId, patch) =>
      updateSnapshot(services, projectId, snapshotId, patch),
    delete: (projectId, snapshotId) => deleteSnapshot(services, projectId, snapshotId),
    restore: (projectId, snapshotId, wanted) =>
      restoreSnapshot(services, projectId, snapshotId, wanted),
    finalize: (projectId, branchId, wanted) =>
      finalizeRestore(services, projectId, branchId, wanted),
    schedule: (projectId, branchId) =>
      records.branch(projectId, branchId).backupSchedule?.items ?? [],
    setSchedule: (projectId, branchId, items) =>
      setSnapshotSchedule(services, projectId, branchId, items),
  };
}

/** Extensions of the engine's Postgres, and the branches that have them or wait for them. */
function extensionTransitions(services: Services): ExtensionTransitions {
  const { extensions, contents, catalog, computes } = services;
  return {
    list: async () => ({
      major: extensions.major,
      extensions: await extensions.store.list(),
      builtIn: await extensions.builtIn(),
      damaged: await extensions.store.damaged(),
      waiting: await waitingBranches(services),
    }),
    add: async (name, from, origin) => {
      const addition = await extensions.add(name, from, origin);
      if (addition.status === "built-in") return addition;
      return { ...addition, waiting: await waitingBranches(services) };
    },
    remove: async (name) => {
      const extension = await extensions.remove(name, () => refuseInUse(services, name));
      return { extension, snapshots: catalog.snapshots.size };
    },
    restart: async (branchId) => {
      const waiting = await waitingBranches(services);
      const chosen = waiting.filter((each) => branchId === undefined || each.branchId === branchId);
      for (const each of chosen) {
        await contents.suspend(each.branchId);
        await computes.stopReplicasOf(each.branchId);
      }
      return chosen;
    },
  };
}

function refuseVersionInUse({ projects }: Services["catalog"], major: number): void {
  const users = [...projects.values()].filter(({ pgVersion }) => pgVersion === major);
  if (users.length === 0) return;
  const names = users.map(({ name }) => name).join(", ");
  throw conflict("PG_VERSION_IN_USE", `PostgreSQL ${major} is in use by projects: ${names}`);
}

async function waitingBranches({
  catalog,
  computes,
  extensions,
}: Takes<"catalog" | "computes" | "extensions">): Promise<WaitingBranch[]> {
  const libraries = await extensions.store.settings();
  return branchesOfMajor(catalog, extensions.major)
    .filter(({ id }) => computes.runningOf(id)?.runsWithout(libraries))
    .map(({ id, projectId, name }) => ({ projectId, branchId: id, name }));
}

/** Extensions are added to one version of Postgres. */
function branchesOfMajor({ branches, projects }: Services["catalog"], major: number) {
  return [...branches.values()].filter(
    ({ projectId }) => projects.get(projectId)?.pgVersion === major,
  );
}

async function refuseInUse(
  {
    catalog,
    computes,
    contents,
    extensions,
  }: Takes<"catalog" | "computes" | "contents" | "extensions">,
  extension: string,
): Promise<void> {
  const users: string[] = [];
  for (const { id, name, projectId } of branchesOfMajor(catalog, extensions.major)) {
    const compute = computes.of(id);
    const isAwake = compute.isRunning;
    const databases = await databasesWith(compute, extension).catch((error: unknown) => {
      // Deleted meanwhile.
      if (!catalog.branches.has(id)) return [];
      throw error;
    });
    if (!isAwake && catalog.branches.has(id)) await contents.suspend(id);
    const project = catalog.projects.get(projectId)?.name ?? projectId;
    users.push(...databases.map((database) => `${name} of ${project} (${database})`));
  }
  if (users.length > 0) {
    throw conflict("EXTENSION_IN_USE", `${extension} is in use: ${users.join(", ")}`);
  }
}

/** The log of what was done. */
function operationQueries({
  records,
  operations,
}: Takes<"records" | "operations">): Pick<ControlPlane, "listOperations" | "getOperation"> {
  const listOperations: ControlPlane["listOperations"] = (projectId) =>
    operations.of(records.project(projectId).id);
  return {
    listOperations,
    getOperation: (projectId, operationId) => {
      const operation = listOperations(projectId).find(({ id }) => id === operationId);
      if (!operation) throw notFound("operation");
      return operation;
    },
  };
}
