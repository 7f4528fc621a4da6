import { createNeonClient, isNeonError, raw } from "@neon/sdk";
import type { Context } from "../context.ts";
import type { Branch, Database, Endpoint, Project } from "../core/model.ts";
import { DsError } from "../errors.ts";
import { makeFetch } from "./http-fetch.ts";

export interface CreateBranch {
  name: string;
  parentId?: string;
  /** Default: a read-write endpoint. */
  endpoint?: boolean;
  /** ISO 8601. */
  expiresAt?: string;
  protected?: boolean;
}

/** Neon's management API, in the words of this code base. Every failure is a DsError. */
export interface Neon {
  /** Base URL without credentials, for people. */
  readonly url: string;
  /** Whether it is the engine of this machine that answers: commands only say so, none decides by it. */
  readonly local: boolean;
  /** Projects whose name or id contains the text; all of them without it. */
  listProjects(search?: string): Promise<Project[]>;
  createProject(input: { name: string; branchName?: string }): Promise<Project>;
  renameProject(projectId: string, name: string): Promise<void>;
  deleteProject(projectId: string): Promise<void>;
  listBranches(projectId: string): Promise<Branch[]>;
  getBranch(projectId: string, branchId: string): Promise<Branch>;
  /** CONFLICT when the name is taken. Returns when the branch is ready. */
  createBranch(projectId: string, input: CreateBranch): Promise<Branch>;
  updateBranch(
    projectId: string,
    branchId: string,
    patch: { name?: string; protected?: boolean; expiresAt?: string | null },
  ): Promise<Branch>;
  deleteBranch(projectId: string, branchId: string): Promise<void>;
  /** Makes the branch equal to the source as it is now; its id and endpoints stay. */
  restoreBranch(
    projectId: string,
    branchId: string,
    input: { sourceBranchId: string; preserveUnderName?: string },
  ): Promise<Branch>;
  listEndpoints(projectId: string): Promise<Endpoint[]>;
  createEndpoint(projectId: string, branchId: string): Promise<Endpoint>;
  startEndpoint(projectId: string, endpointId: string): Promise<Endpoint>;
  listDatabases(projectId: string, branchId: string): Promise<Database[]>;
  /** With its password. */
  connectionUrl(projectId: string, input: ConnectionInput): Promise<string>;
}

export interface ConnectionInput {
  branchId: string;
  endpointId?: string;
  database: string;
  role: string;
  pooled: boolean;
}

export async function connectNeon(
  context: Pick<Context, "env" | "engine" | "signal" | "output">,
): Promise<Neon> {
  const { url, key, local } = await credentials(context);
  const { fetch } = makeFetch();
  const client = createNeonClient({
    apiKey: key,
    baseUrl: url,
    fetch,
    requestTimeoutMs: 300_000,
    throwOnError: true,
  });
  const signal = context.signal;
  const wait = { pollIntervalMs: local ? 50 : 500, timeoutMs: 600_000 };
  const ready = { signal, wait, waitForReadiness: true as const };

  /** `what` begins the sentence of an error. */
  async function ask<T>(what: string, call: Promise<T>): Promise<T> {
    try {
      return await call;
    } catch (error) {
      throw apiError(what, error, url, local);
    }
  }

  return {
    url,
    local,
    listProjects: async (search) => {
      const found = await ask(
        "listing projects",
        client.projects.list(search === undefined ? {} : { search }, { signal }).all(),
      );
      return found.map(toProject);
    },
    createProject: async ({ name, branchName }) => {
      // The SDK's create has no field for the first branch's name; its raw call has.
      const created = await ask(
        `creating the project ${name}`,
        raw.createProject({
          client: client.client,
          body: { project: { name, ...(branchName ? { branch: { name: branchName } } : {}) } },
          signal,
          throwOnError: true,
        }),
      );
      await ask(
        `creating the project ${name}`,
        client.operations.waitFor({ operations: created.operations }, { ...wait, signal }),
      );
      return toProject(created.project);
    },
    renameProject: async (projectId, name) => {
      await ask(
        `renaming the project ${projectId}`,
        client.projects.update({ projectId, name }, ready),
      );
    },
    deleteProject: async (projectId) => {
      await ask(
        `deleting the project ${projectId}`,
        client.projects.delete({ projectId }, { signal }),
      );
    },
    listBranches: async (projectId) => {
      const found = await ask(
        "listing branches",
        client.branches.list({ projectId }, { signal }).all(),
      );
      return found.map(toBranch);
    },
    getBranch: async (projectId, branchId) =>
      toBranch(
        await ask(
          `reading the branch ${branchId}`,
          client.branches.get({ projectId, branchId }, { signal }),
        ),
      ),
    createBranch: async (projectId, input) => {
      const fields = {
        projectId,
        name: input.name,
        ...(input.parentId ? { parent_id: input.parentId } : {}),
        ...(input.expiresAt ? { expires_at: input.expiresAt } : {}),
        ...(input.protected ? { protected: true } : {}),
      };
      const request = input.endpoint === false ? { ...fields, noCompute: true as const } : fields;
      return toBranch(
        await ask(`creating the branch ${input.name}`, client.branches.create(request, ready)),
      );
    },
    updateBranch: async (projectId, branchId, { expiresAt, ...patch }) =>
      toBranch(
        await ask(
          `changing the branch ${branchId}`,
          client.branches.update(
            {
              projectId,
              branchId,
              ...patch,
              ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
            },
            ready,
          ),
        ),
      ),
    deleteBranch: async (projectId, branchId) => {
      await ask(
        `deleting the branch ${branchId}`,
        client.branches.delete({ projectId, branchId }, ready),
      );
    },
    restoreBranch: async (projectId, branchId, { sourceBranchId, preserveUnderName }) => {
      const what = `resetting the branch ${branchId}`;
      const answer = await ask(
        what,
        raw.restoreProjectBranch({
          client: client.client,
          path: { project_id: projectId, branch_id: branchId },
          body: {
            source_branch_id: sourceBranchId,
            ...(preserveUnderName ? { preserve_under_name: preserveUnderName } : {}),
          },
          signal,
          throwOnError: true,
        }),
      );
      await ask(
        what,
        client.operations.waitFor({ operations: answer.operations }, { ...wait, signal }),
      );
      return toBranch(answer.branch);
    },
    listEndpoints: async (projectId) => {
      const found = await ask(
        "listing endpoints",
        client.postgres.endpoints.list({ projectId }, { signal }),
      );
      return found.map(toEndpoint);
    },
    createEndpoint: async (projectId, branchId) =>
      toEndpoint(
        await ask(
          `creating an endpoint for the branch ${branchId}`,
          client.postgres.endpoints.create(
            { projectId, branch_id: branchId, type: "read_write" },
            ready,
          ),
        ),
      ),
    startEndpoint: async (projectId, endpointId) =>
      toEndpoint(
        await ask(
          `waking the endpoint ${endpointId}`,
          client.postgres.endpoints.start({ projectId, endpointId }, ready),
        ),
      ),
    listDatabases: async (projectId, branchId) => {
      const found = await ask(
        "listing databases",
        client.postgres.databases.list({ projectId, branchId }, { signal }),
      );
      return found.map(({ name, owner_name }) => ({ name, ownerName: owner_name }));
    },
    connectionUrl: (projectId, { branchId, endpointId, database, role, pooled }) =>
      ask(
        `reading the connection string of the branch ${branchId}`,
        client.postgres.connectionString(
          {
            projectId,
            branchId,
            ...(endpointId ? { endpointId } : {}),
            databaseName: database,
            roleName: role,
            pooled,
          },
          { signal },
        ),
      ),
  };
}

async function credentials({ env, engine, output }: Pick<Context, "env" | "engine" | "output">) {
  const host = env.NEON_API_HOST?.trim();
  if (!host) {
    if (env.NEON_API_KEY)
      output.detail("NEON_API_KEY is set without NEON_API_HOST: using the local engine");
    const { url, key } = await (await engine()).ensure();
    return { url, key, local: true };
  }
  if (!/^https?:\/\/[^\s/]/.test(host)) {
    throw new DsError("CONFIG_INVALID", `NEON_API_HOST must be a URL, not "${host}"`, {
      hint: "For Neon's cloud: NEON_API_HOST=https://console.neon.tech/api/v2",
    });
  }
  const key = env.NEON_API_KEY?.trim();
  if (!key) {
    throw new DsError("CREDENTIALS", `NEON_API_HOST is ${host}, but NEON_API_KEY is not set`, {
      hint: "Set NEON_API_KEY, or unset NEON_API_HOST to use the local engine.",
    });
  }
  const base = host.replace(/\/+$/, "");
  const url = /\/api\/v\d+$/.test(base) ? base : `${base}/api/v2`;
  return { url, key, local: false };
}

type ApiProject = Pick<raw.ProjectListItem, "id" | "name" | "pg_version">;
type ApiBranch = raw.Branch;
type ApiEndpoint = raw.Endpoint;

function toProject(project: ApiProject): Project {
  return { id: project.id, name: project.name, pgVersion: project.pg_version };
}

function toBranch(branch: ApiBranch): Branch {
  return {
    id: branch.id,
    projectId: branch.project_id,
    name: branch.name,
    parentId: branch.parent_id,
    parentTimestamp: branch.parent_timestamp,
    createdAt: branch.created_at,
    updatedAt: branch.updated_at,
    expiresAt: branch.expires_at,
    lastResetAt: branch.last_reset_at,
    protected: branch.protected,
    default: branch.default,
    state: branch.current_state,
    logicalSizeBytes: branch.logical_size,
    createdBy: branch.created_by?.name,
  };
}

function toEndpoint(endpoint: ApiEndpoint): Endpoint {
  return {
    id: endpoint.id,
    branchId: endpoint.branch_id,
    host: endpoint.host,
    type: endpoint.type,
    state: endpoint.current_state,
    disabled: endpoint.disabled,
  };
}

/** The API's refusals in this program's codes; its own sentence is kept, as it knows the reason. */
function apiError(what: string, error: unknown, url: string, local: boolean): DsError {
  if (error instanceof DsError) return error;
  const { status, body } = error as { status?: number; body?: { message?: string; code?: string } };
  const own = body?.message ?? (error instanceof Error ? error.message : String(error));
  const details = {
    ...(status ? { httpStatus: status } : {}),
    ...(body?.code ? { apiCode: body.code } : {}),
  };
  const options = { details, cause: error };
  if (isNeonError(error) && error.kind === "aborted")
    return new DsError("INTERRUPTED", `interrupted while ${what}`, options);
  if (isNeonError(error) && error.kind === "network") {
    return new DsError("UPSTREAM", `${what}: nothing answers at ${url} (${error.reason})`, {
      ...options,
      hint: local
        ? "Look at the engine's log: ds engine logs"
        : "Check NEON_API_HOST, and the network.",
    });
  }
  switch (status) {
    case 401:
    case 403:
      return new DsError(
        "CREDENTIALS",
        `${what}: the API at ${url} does not accept the key (${own})`,
        {
          ...options,
          hint: local ? "Restart the engine: ds engine stop" : "Check NEON_API_KEY.",
        },
      );
    case 404:
      return new DsError("NOT_FOUND", `${what}: ${own}`, options);
    case 409:
      return new DsError("CONFLICT", `${what}: ${own}`, options);
    case 423:
      return new DsError("LOCKED", `${what}: ${own}`, {
        ...options,
        hint: "Try again in a moment.",
      });
    case 422:
      return new DsError(
        /protect|default|root|child/i.test(own) ? "REFUSED" : "UPSTREAM",
        `${what}: ${own}`,
        options,
      );
    default:
      return new DsError("UPSTREAM", `${what} failed: ${own}`, {
        ...options,
        hint: local ? "Look at the engine's log: ds engine logs" : `Is ${url} reachable?`,
      });
  }
}
