import type { raw } from "@neon/sdk";
import type { HasEngine } from "../../engine/io/daemon.ts";
import { once } from "../../lib/async/once.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { type ApiFailure, apiError } from "../api-error.ts";
import { toBranch, toEndpoint, toProject } from "../from-api.ts";
import type { Branch, Database, Endpoint, Project } from "../model.ts";
import type { PointInTime } from "../point-in-time.ts";
import { type ApiAccess, apiAccess } from "./credentials.ts";
import { NeonReader, path } from "./fast-reads.ts";
import { makeFetch } from "./fetch.ts";
import { retried } from "./retry.ts";
import { openTransports, type Transports } from "./transport.ts";

export interface CreateBranch {
  name: string;
  parentId?: string;
  /** The parent as it was at this moment, not as it is now. */
  at?: PointInTime;
  /** Default: a read-write endpoint. */
  endpoint?: boolean;
  /** ISO 8601. */
  expiresAt?: string;
  protected?: boolean;
  /** Kept with the branch for its whole life: the API offers no way to change it. */
  annotation?: Readonly<Record<string, string>>;
}

/** Neon's management API, in the words of this code base. Every failure is a DsError. */
export interface Neon {
  /** Base URL without credentials, for people. */
  readonly url: string;
  /** Whether it is the engine of this home that answers: it decides how things are said and read, never what is done. */
  readonly local: boolean;
  /** Asks at once what will probably be asked one by one. */
  prefetch(questions: readonly string[]): void;
  /** The direct connection string that is among what was foreseen, as soon as the API has said it. */
  prefetchedUrl(questions: readonly string[]): Promise<string | undefined>;
  /** The questions that were asked and answered, for `foresee` of the next command. */
  answered(): string[];
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
  /** Makes the branch equal to the source, as it is now or was then; its id and endpoints stay. */
  restoreBranch(
    projectId: string,
    branchId: string,
    input: { sourceBranchId: string; at?: PointInTime; preserveUnderName?: string },
  ): Promise<Branch>;
  listEndpoints(projectId: string): Promise<Endpoint[]>;
  createEndpoint(projectId: string, branchId: string): Promise<Endpoint>;
  startEndpoint(projectId: string, endpointId: string): Promise<Endpoint>;
  listDatabases(projectId: string, branchId: string): Promise<Database[]>;
  /** What pg_dump prints of the database's schema, as it is now. */
  schema(projectId: string, branch: NamedBranch, database: string): Promise<string>;
  /** Unified diff of the two schemas: what the branch has that the base has not, and the reverse. */
  schemaDiff(
    projectId: string,
    branches: { base: NamedBranch; branch: NamedBranch },
    database: string,
  ): Promise<string>;
  /** With its password. */
  connectionUrl(projectId: string, input: ConnectionInput): Promise<string>;
}

type NamedBranch = Pick<Branch, "id" | "name">;

export interface ConnectionInput {
  branchId: string;
  endpointId?: string;
  database: string;
  role: string;
  pooled: boolean;
}

export async function connectNeon(
  context: Pick<Runtime, "env" | "output" | "signal"> & HasEngine,
): Promise<Neon> {
  const access = await apiAccess(context);
  const { url, local } = access;
  const signal = context.signal;
  const transports = openTransports();
  const reader = new NeonReader(access, transports, signal);
  const sdk = once(() => loadSdk(access, transports));
  const wait = { pollIntervalMs: local ? 50 : 500, timeoutMs: 600_000 };
  // A plain copy of a large branch may take minutes before the engine answers.
  const ready = { signal, wait, waitForReadiness: true as const, requestTimeoutMs: 1_800_000 };

  /** `what` begins the sentence of an error. */
  async function ask<T>(what: string, call: (sdk: Sdk) => Promise<T>): Promise<T> {
    const loaded = await sdk();
    reader.forget();
    try {
      return await call(loaded);
    } catch (error) {
      throw apiError(what, error as ApiFailure, { url, local });
    }
  }

  return {
    url,
    local,
    prefetch: (questions) => reader.prefetch(questions),
    prefetchedUrl: async (questions) => {
      const question = questions.find((text) => /\/connection_uri\?.*\bpooled=false\b/.test(text));
      const answer = question === undefined ? undefined : await reader.foreseen(question);
      return (answer as { uri?: string } | undefined)?.uri;
    },
    answered: () => [...reader.answered],
    listProjects: async (search) => {
      const found =
        (await reader.list<raw.ProjectListItem>("/projects", "projects", { search })) ??
        (await ask("listing projects", ({ client }) =>
          client.projects.list(search === undefined ? {} : { search }, { signal }).all(),
        ));
      return found.map(toProject);
    },
    createProject: async ({ name, branchName }) => {
      // The SDK's create has no field for the first branch's name; its raw call has.
      const created = await ask(`creating the project ${name}`, ({ client, raw }) =>
        raw.createProject({
          client: client.client,
          body: { project: { name, ...(branchName ? { branch: { name: branchName } } : {}) } },
          signal,
          throwOnError: true,
        }),
      );
      await ask(`creating the project ${name}`, ({ client }) =>
        client.operations.waitFor({ operations: created.operations }, { ...wait, signal }),
      );
      return toProject(created.project);
    },
    renameProject: async (projectId, name) => {
      await ask(`renaming the project ${projectId}`, ({ client }) =>
        client.projects.update({ projectId, name }, ready),
      );
    },
    deleteProject: async (projectId) => {
      await ask(`deleting the project ${projectId}`, ({ client }) =>
        client.projects.delete({ projectId }, { signal }),
      );
    },
    listBranches: async (projectId) => {
      // The SDK's list leaves the annotations out; its raw call has them, page by page.
      const where = path`/projects/${projectId}/branches`;
      const found: Branch[] = [];
      let cursor: string | undefined;
      do {
        const order = { sort_by: "created_at", sort_order: "asc" } as const;
        const query = { ...order, limit: 400, ...(cursor ? { cursor } : {}) };
        const page =
          (await reader.get<BranchPage>(where, query)) ??
          (await ask("listing branches", ({ client, raw }) =>
            retried(signal, () =>
              raw.listProjectBranches({
                client: client.client,
                path: { project_id: projectId },
                query,
                signal,
                throwOnError: true,
              }),
            ),
          ));
        const { branches, annotations } = page;
        found.push(...branches.map((branch) => toBranch(branch, annotations[branch.id]?.value)));
        cursor = branches.length === 0 ? undefined : page.pagination?.next;
      } while (cursor);
      return found;
    },
    getBranch: async (projectId, branchId) => {
      const where = path`/projects/${projectId}/branches/${branchId}`;
      const { branch, annotation } =
        (await reader.get<AnnotatedBranch>(where)) ??
        (await ask(`reading the branch ${branchId}`, ({ client, raw }) =>
          retried(signal, () =>
            raw.getProjectBranch({
              client: client.client,
              path: { project_id: projectId, branch_id: branchId },
              signal,
              throwOnError: true,
            }),
          ),
        ));
      return toBranch(branch, annotation.value);
    },
    createBranch: async (projectId, input) => {
      const fields = {
        name: input.name,
        ...(input.parentId ? { parent_id: input.parentId } : {}),
        ...(input.at && "lsn" in input.at ? { parent_lsn: input.at.lsn } : {}),
        ...(input.at && "timestamp" in input.at ? { parent_timestamp: input.at.timestamp } : {}),
        ...(input.expiresAt ? { expires_at: input.expiresAt } : {}),
        ...(input.protected ? { protected: true } : {}),
      };
      const what = `creating the branch ${input.name}`;
      // The SDK's create has no field for the annotation.
      const made = await ask(what, ({ client, raw }) =>
        retried(signal, () =>
          raw.createProjectBranch({
            client: client.client,
            path: { project_id: projectId },
            body: {
              branch: fields,
              ...(input.endpoint === false ? {} : { endpoints: [{ type: "read_write" }] }),
              ...(input.annotation ? { annotation_value: { ...input.annotation } } : {}),
            },
            signal,
            throwOnError: true,
          }),
        ),
      );
      await ask(what, ({ client }) =>
        client.operations.waitFor({ operations: made.operations }, { ...wait, signal }),
      );
      return toBranch(made.branch, input.annotation);
    },
    updateBranch: async (projectId, branchId, { expiresAt, ...patch }) =>
      toBranch(
        await ask(`changing the branch ${branchId}`, ({ client }) =>
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
      await ask(`deleting the branch ${branchId}`, ({ client }) =>
        client.branches.delete({ projectId, branchId }, ready),
      );
    },
    restoreBranch: async (projectId, branchId, { sourceBranchId, at, preserveUnderName }) => {
      const what = `restoring the branch ${branchId}`;
      const answer = await ask(what, ({ client, raw }) =>
        raw.restoreProjectBranch({
          client: client.client,
          path: { project_id: projectId, branch_id: branchId },
          body: {
            source_branch_id: sourceBranchId,
            ...(at && "lsn" in at ? { source_lsn: at.lsn } : {}),
            ...(at && "timestamp" in at ? { source_timestamp: at.timestamp } : {}),
            ...(preserveUnderName ? { preserve_under_name: preserveUnderName } : {}),
          },
          signal,
          throwOnError: true,
        }),
      );
      await ask(what, ({ client }) =>
        client.operations.waitFor({ operations: answer.operations }, { ...wait, signal }),
      );
      return toBranch(answer.branch);
    },
    listEndpoints: async (projectId) => {
      const found =
        (await reader.list<raw.Endpoint>(path`/projects/${projectId}/endpoints`, "endpoints")) ??
        (await ask("listing endpoints", ({ client }) =>
          client.postgres.endpoints.list({ projectId }, { signal }),
        ));
      return found.map(toEndpoint);
    },
    createEndpoint: async (projectId, branchId) =>
      toEndpoint(
        await ask(`creating an endpoint for the branch ${branchId}`, ({ client }) =>
          client.postgres.endpoints.create(
            { projectId, branch_id: branchId, type: "read_write" },
            ready,
          ),
        ),
      ),
    startEndpoint: async (projectId, endpointId) =>
      toEndpoint(
        await ask(`waking the endpoint ${endpointId}`, ({ client }) =>
          client.postgres.endpoints.start({ projectId, endpointId }, ready),
        ),
      ),
    listDatabases: async (projectId, branchId) => {
      const where = path`/projects/${projectId}/branches/${branchId}/databases`;
      const found =
        (await reader.list<raw.Database>(where, "databases")) ??
        (await ask("listing databases", ({ client }) =>
          client.postgres.databases.list({ projectId, branchId }, { signal }),
        ));
      return found.map(({ name, owner_name }) => ({ name, ownerName: owner_name }));
    },
    schema: async (projectId, branch, database) => {
      const answer = await ask(
        `reading the schema of the branch ${branch.name}, database ${database}`,
        ({ client, raw }) =>
          raw.getProjectBranchSchema({
            client: client.client,
            path: { project_id: projectId, branch_id: branch.id },
            query: { db_name: database },
            signal,
            throwOnError: true,
          }),
      );
      return answer.sql ?? "";
    },
    schemaDiff: async (projectId, { base, branch }, databaseName) => {
      const answer = await ask(
        `comparing the schemas of the branches ${base.name} and ${branch.name}`,
        ({ client }) =>
          client.branches.compareSchema(
            { projectId, branchId: branch.id, baseBranchId: base.id, databaseName },
            { signal },
          ),
      );
      return answer.diff ?? "";
    },
    connectionUrl: async (projectId, { branchId, endpointId, database, role, pooled }) => {
      const answer = await reader.get<{ uri?: string }>(
        path`/projects/${projectId}/connection_uri`,
        {
          branch_id: branchId,
          endpoint_id: endpointId,
          database_name: database,
          role_name: role,
          pooled,
        },
      );
      if (answer?.uri) return answer.uri;
      return ask(`reading the connection string of the branch ${branchId}`, ({ client }) =>
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
      );
    },
  };
}

/** For what changes something, and for reads that do not go as they should. */
async function loadSdk({ url, key }: ApiAccess, transports: Transports) {
  const { createNeonClient, raw } = await import("@neon/sdk");
  const client = createNeonClient({
    apiKey: key,
    baseUrl: url,
    fetch: makeFetch(transports).fetch,
    requestTimeoutMs: 60_000,
    retries: 4,
    throwOnError: true,
  });
  return { client, raw };
}

type Sdk = Awaited<ReturnType<typeof loadSdk>>;

type BranchPage = raw.BranchesResponse & raw.AnnotationsMapResponse & raw.CursorPaginationResponse;
type AnnotatedBranch = raw.BranchResponse & raw.AnnotationResponse;

export interface HasNeon {
  /** Neon's management API: the cloud's, or the local engine's (started when none answers). */
  neon(): Promise<Neon>;
}
