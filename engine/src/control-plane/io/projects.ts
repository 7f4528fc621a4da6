import { unprocessable } from "../../lib/engine-error.ts";
import { newBranchId, newDatabaseId, newPassword, newProjectId } from "../../model/ids.ts";
import type {
  BranchRecord,
  EndpointRecord,
  EndpointSettings,
  ProjectRecord,
} from "../../model/records.ts";
import { currentLsn } from "../../pitr/io/point-in-time-recovery.ts";
import * as sql from "../../postgres/io/roles.ts";
import type { BranchBundle, ControlPlane, CreateProjectInput, ProjectTransitions } from "../api.ts";
import { refuseSizing } from "../branch-rules.ts";
import { asRefusal, type Core, throwIf } from "./core.ts";

const defaultEndpointSettings: EndpointSettings = {
  autoscalingLimitMinCu: 0.25,
  autoscalingLimitMaxCu: 2,
  suspendTimeoutSeconds: 0,
  pgSettings: {},
};

/** Projects: made with main, an owner, a database and an endpoint. */
export function projects(core: Core): Omit<ProjectTransitions, "getProject"> {
  return {
    listProjects(): ProjectRecord[] {
      return [...core.catalog.projects.values()];
    },

    async createProject(
      input: CreateProjectInput,
    ): Promise<BranchBundle & { project: ProjectRecord }> {
      const major = core.parts.postgresMajor;
      if (input.pgVersion !== undefined && input.pgVersion !== major) {
        throw unprocessable(
          "PG_VERSION_UNSUPPORTED",
          `this engine runs PostgreSQL ${major}; point it at another server with DS_POSTGRES_BIN to use version ${input.pgVersion}`,
        );
      }
      await core.parts.checkSettings(input.defaultEndpointSettings?.pgSettings ?? {});
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
      const template = await core.parts.template();
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
        dataDir: await core.data.copyOf(template),
        passwordsToApply: [],
      };
      const compute = core.computes.add(branch);
      let endpoint: EndpointRecord;
      let begin: { at: string; lsn: string };
      try {
        begin = await compute.admin("postgres", async (client) => {
          await sql.createRole(client, owner, password);
          await sql.createDatabase(client, database, owner);
          const lsn = await currentLsn(client);
          return { at: new Date().toISOString(), lsn };
        });
        endpoint = await core.newEndpoint(project, branch.id, { type: "read_write" });
        await core.catalog.commit(() => ({
          projects: [project],
          branches: [{ branch, endpoints: [endpoint] }],
        }));
      } catch (error) {
        await core.computes.remove(branch.id);
        await core.data.discard(branch.dataDir);
        throw asRefusal(error);
      }
      core.beginHistoryFrom(branch.id, template, begin);
      const at = { projectId: id, branchId: branch.id };
      const operations = [
        await core.operations.add({ ...at, action: "create_timeline" }, now),
        await core.operations.add({ ...at, endpointId: endpoint.id, action: "start_compute" }, now),
      ];
      return { project, branch, endpoints: [endpoint], operations };
    },

    async updateProject(
      projectId: string,
      patch: Parameters<ControlPlane["updateProject"]>[1],
    ): Promise<ProjectRecord> {
      core.getProject(projectId);
      await core.parts.checkSettings(patch.defaultEndpointSettings?.pgSettings ?? {});
      await core.catalog.commit(() => {
        const project = core.getProject(projectId);
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
      return core.getProject(projectId);
    },

    async deleteProject(projectId: string): Promise<ProjectRecord> {
      const project = core.getProject(projectId);
      const branches = core.catalog.branchesOf(projectId);
      const snapshots = core.catalog.snapshotsOf(projectId);
      if (branches.some((branch) => branch.protected)) {
        throw unprocessable(
          "PROJECT_HAS_PROTECTED_BRANCHES",
          "cannot delete a project that has protected branches",
        );
      }
      const ids = branches.map((branch) => branch.id);
      const exclusive = [...ids, ...snapshots.map(({ id }) => id)];
      await core.locks.with({ exclusive }, async () => {
        for (const id of ids) await core.computes.of(id).stop();
        await core.catalog.commit(() => ({
          removedBranches: branches,
          removedSnapshots: snapshots,
          removedProjects: [project],
        }));
        for (const branch of branches) await core.discard(branch);
        for (const { dataDir } of snapshots) await core.data.discard(dataDir);
      });
      return project;
    },
  };
}
