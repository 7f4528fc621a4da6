import type { HasConfig } from "../../config/project-config.ts";
import { DsError } from "../../errors/ds-error.ts";
import { once } from "../../lib/async/once.ts";
import type { HasNeon } from "../../neon/io/client.ts";
import { defaultBranch, readWriteEndpoint } from "../../neon/lookup.ts";
import type { Branch, Endpoint, Project } from "../../neon/model.ts";
import { loopbackOf } from "../../postgres/connection-url.ts";
import type { CurrentStage } from "../current-stage.ts";
import { missingBranchHint, missingEndpointHint } from "../hints.ts";
import type { BoundProject } from "../project-binding.ts";
import { branchOfStageIn, stageOfFound } from "../stage.ts";

/** A stage and what the API has for it. */
export interface Target {
  stage: CurrentStage;
  project: BoundProject;
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

/** What the API has of a stage's project. */
export interface StageProject {
  stage: CurrentStage;
  project: BoundProject;
  branches: Branch[];
  endpoints: Endpoint[];
}

/** The parts of a target that are already known, put together. */
export async function describeTarget(
  context: HasConfig & HasNeon,
  { stage: named, project, branches, endpoints }: StageProject,
): Promise<Target> {
  const neon = await context.neon();
  const main = defaultBranch(branches, project);
  const branch = branchOfStageIn(named, branches);
  if (!branch) {
    const { project: own } = await context.config();
    throw noBranch(named, project, missingBranchHint(named, own, await neon.setAside()));
  }
  const stage: CurrentStage = { ...named, ...stageOfFound(named, branch) };
  const endpoint = readWriteEndpoint(endpoints, branch.id);
  const login = once(() => findLogin(context, stage, branch));
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
      if (!endpoint) throw noEndpoint(stage, branch);
      return neon.connectionUrl(project.id, {
        branchId: branch.id,
        endpointId: endpoint.id,
        ...(await login()),
        pooled,
      });
    },
  };
}

/** The configured database, else the only one, else the one that Neon makes by default. */
async function findLogin(
  context: HasConfig & HasNeon,
  stage: CurrentStage,
  branch: Branch,
): Promise<{ database: string; role: string }> {
  const { database, role } = await context.config();
  if (database && role) return { database, role };
  const databases = await (await context.neon()).listDatabases(branch.projectId, branch.id);
  const name = database ?? (databases.length === 1 ? databases[0]?.name : "neondb");
  const found = databases.find((each) => each.name === name);
  if (found) return { database: found.name, role: role ?? found.ownerName };
  const names = databases.map((each) => each.name).join(", ") || "none";
  throw new DsError(
    "NOT_FOUND",
    `stage ${stage.name}: the branch ${branch.name} has no database ${name} (it has: ${names})`,
    { reason: "DATABASE_NOT_FOUND", hint: "Name it as `database` in ds.config.ts." },
  );
}

function noBranch(stage: CurrentStage, project: Project, hint: string): DsError {
  if (stage.branch === stage.name) {
    return new DsError(
      "NOT_FOUND",
      `the project ${project.name} has neither a stage nor a branch "${stage.name}" (${stage.sourceText})`,
      { reason: "STAGE_UNKNOWN", hint: "See which there are: ds db branches" },
    );
  }
  return new DsError(
    "NOT_FOUND",
    `stage ${stage.name}: the project ${project.name} has no branch ${stage.branch}`,
    { reason: "BRANCH_NOT_FOUND", hint },
  );
}

function noEndpoint(stage: CurrentStage, branch: Branch): DsError {
  return new DsError(
    "NOT_FOUND",
    `stage ${stage.name}: the branch ${branch.name} has no endpoint to connect to`,
    { reason: "ENDPOINT_NOT_FOUND", hint: missingEndpointHint(stage, branch) },
  );
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
