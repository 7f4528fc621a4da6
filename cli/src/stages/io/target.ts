import { relative } from "node:path";
import type { HasConfig } from "../../config/project-config.ts";
import { DsError } from "../../errors/ds-error.ts";
import { once } from "../../lib/async/once.ts";
import type { HasNeon, Neon } from "../../neon/io/client.ts";
import { cachedRequests, cacheRequests } from "../../neon/io/prefetch-cache.ts";
import { defaultBranch, readWriteEndpoint } from "../../neon/lookup.ts";
import type { Branch, Endpoint, Project } from "../../neon/model.ts";
import { loopbackOf } from "../../postgres/connection-url.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { type CurrentStage, currentStage } from "../current-stage.ts";
import type { HasDeveloper } from "./developer.ts";
import type { HasEnvFile } from "./env-file.ts";
import { requireProject } from "./project.ts";

/** A stage and what the API has for it. */
export interface Target {
  stage: CurrentStage;
  project: Project;
  branch: Branch;
  /** The project's default branch. */
  main: Branch;
  branches: Branch[];
  /** The branch's read-write endpoint, where it has one. */
  endpoint: Endpoint | undefined;
  /** For `connectPostgres`. */
  loopback: string | undefined;
  /** Database and the role that owns it. */
  login(): Promise<{ database: string; role: string }>;
  /** With its password; direct unless `pooled`. */
  connectionUrl(options?: { pooled?: boolean }): Promise<string>;
}

type Needs = Pick<Runtime, "env" | "home" | "output"> &
  HasConfig &
  HasEnvFile &
  HasDeveloper &
  HasNeon;

export async function findStage(
  context: Omit<Needs, "neon">,
  target?: string,
): Promise<CurrentStage> {
  const config = await context.config();
  const variable = config.stageVariable;
  const fromEnvironment = context.env[variable]?.trim() || undefined;
  const askFile = target === undefined && fromEnvironment === undefined;
  const stage = await currentStage({
    shared: config,
    variable,
    envFileName: relative(config.root, config.envFile.path),
    target,
    fromEnvironment,
    fromEnvFile: askFile ? (await (await context.envFile()).get(variable)) || undefined : undefined,
    developer: () => context.developer(),
  });
  context.output.detail(`stage ${stage.name}, from ${stage.sourceText}`);
  return stage;
}

/** @param prefetch begins to look where the stage was the last time, while the API is being asked */
export async function findTarget(
  context: Needs,
  target?: string,
  prefetch?: LedgerPrefetchPort,
): Promise<Target> {
  const stage = await findStage(context, target);
  const neon = await context.neon();
  const topic = [neon.url, stage.project, stage.branch].join(" ");
  const questions = cachedRequests(context.home, topic);
  neon.prefetch(questions);
  if (prefetch) void beginPrefetch(prefetch, neon, stage, questions);
  const project = await requireProject(neon, stage.project, await context.config());
  const [branches, endpoints] = await Promise.all([
    neon.listBranches(project.id),
    neon.listEndpoints(project.id),
  ]);
  const found = await describeTarget(context, neon, stage, project, branches, endpoints);
  if (!neon.local) await rememberForCompletion(context.home, neon.url, stage.project, branches);
  return {
    ...found,
    connectionUrl: async (options) => {
      const url = await found.connectionUrl(options);
      const asked = neon.answered();
      if (asked.some((question) => !questions.includes(question))) {
        // Without it the next command is only slower.
        await cacheRequests(context.home, topic, asked).catch(() => {});
      }
      return url;
    },
  };
}

/** Without it a shell completes what was known before. */
async function rememberForCompletion(
  home: string,
  api: string,
  project: string,
  branches: Branch[],
): Promise<void> {
  const { rememberBranchNames } = await import("../../neon/io/branch-name-cache.ts");
  const names = branches.map(({ name }) => name);
  await rememberBranchNames(home, api, project, names).catch(() => {});
}

async function beginPrefetch(
  prefetch: LedgerPrefetchPort,
  neon: Neon,
  stage: CurrentStage,
  questions: readonly string[],
): Promise<void> {
  const url = await neon.prefetchedUrl(questions);
  if (url === undefined) return;
  const what = stage.branch === undefined ? "the default branch" : `branch ${stage.branch}`;
  const loopback = loopbackOf(neon.url);
  prefetch.begin(url, { what, loopback, ...(neon.local ? { api: neon.url } : {}) });
}

/** The parts of a target that are already known, put together. */
export async function describeTarget(
  context: Needs,
  neon: Neon,
  stage: CurrentStage,
  project: Project,
  branches: Branch[],
  endpoints: Endpoint[],
): Promise<Target> {
  const config = await context.config();
  const main = defaultBranch(branches, project);
  const branch =
    stage.branch === undefined ? main : branches.find(({ name }) => name === stage.branch);
  if (!branch) {
    throw new DsError(
      "NOT_FOUND",
      `stage ${stage.name}: the project ${project.name} has no branch ${stage.branch}`,
      {
        hint:
          stage.source === "--target"
            ? "See which there are: ds db branches"
            : "Create it: ds setup",
      },
    );
  }
  const endpoint = readWriteEndpoint(endpoints, branch.id);
  const login = once(async () => {
    if (config.database && config.role) return { database: config.database, role: config.role };
    const databases = await neon.listDatabases(project.id, branch.id);
    const name = config.database ?? (databases.length === 1 ? databases[0]?.name : "neondb");
    const found = databases.find((database) => database.name === name);
    if (!found) {
      const names = databases.map((database) => database.name).join(", ") || "none";
      throw new DsError(
        "NOT_FOUND",
        `stage ${stage.name}: the branch ${branch.name} has no database ${name} (it has: ${names})`,
        {
          hint: "Name it as `database` in ds.config.ts.",
        },
      );
    }
    return { database: found.name, role: config.role ?? found.ownerName };
  });
  return {
    stage,
    project,
    branch,
    main,
    branches,
    endpoint,
    loopback: loopbackOf(neon.url),
    login,
    connectionUrl: async ({ pooled = false } = {}) => {
      if (!endpoint) {
        throw new DsError(
          "NOT_FOUND",
          `stage ${stage.name}: the branch ${branch.name} has no endpoint to connect to`,
          {
            hint: "Create one: ds setup",
          },
        );
      }
      return neon.connectionUrl(project.id, {
        branchId: branch.id,
        endpointId: endpoint.id,
        ...(await login()),
        pooled,
      });
    },
  };
}

export interface HasStage {
  /** The stage a command is about; nothing is asked of the API. */
  stage(target?: string): Promise<CurrentStage>;
}

export interface HasTarget {
  /** The stage with its project, branch and endpoint as the API has them; NOT_FOUND otherwise. */
  target(target?: string, prefetch?: LedgerPrefetchPort): Promise<Target>;
}

/** Begins to look into a database before it is certain to be the one that is meant. */
export interface LedgerPrefetchPort {
  begin(url: string, address: PrefetchAddress): void;
}

export interface PrefetchAddress {
  /** The database as messages name it. */
  what: string;
  /** For `connectPostgres`. */
  loopback?: string | undefined;
  /** Base URL of the local engine's API, where that named the address. */
  api?: string;
}
