import type { HasConfig, ProjectConfig } from "../../../config/project-config.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { shownPath } from "../../../lib/format/shown-path.ts";
import { linkedWorktree } from "../../../lib/git/io/linked-worktree.ts";
import { ledgerRefused } from "../../../migrations/failure/ledger-failure.ts";
import { rowName } from "../../../migrations/ledger/compare.ts";
import {
  type KnownMigrations,
  lookAtMigrations,
  rememberedMigrations,
} from "../../../migrations/ledger/io/branch-migrations.ts";
import { addressOf, addressOfHost, parseConnectionUrl } from "../../../postgres/connection-url.ts";
import { loadPostgres, withPostgres } from "../../../postgres/io/connect.ts";
import { isServerError } from "../../../postgres/server-error.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { HasEnvFile } from "../../../stages/io/env-file.ts";
import type { HasTarget, Target } from "../../../stages/io/target.ts";
import { ownerOfBranch } from "../../../stages/owner-note.ts";
import { type MigrationNames, problemText, replacedSince, type StatusDocument } from "../status.ts";

type Needs = Runtime & HasConfig & HasEnvFile & HasTarget;

/** A stage as it stands. A branch that is suspended is not woken unless that is asked for. */
export async function lookAtStage(
  context: Needs,
  { target: name, wake }: { target: string | undefined; wake: boolean },
): Promise<StatusDocument> {
  const config = await context.config();
  const target = await context.target(name);
  const { stage, project, endpoint } = target;
  const look = endpoint !== undefined && (endpoint.state === "active" || wake);
  const [{ database, role }] = await Promise.all([target.login(), look && loadPostgres()]);
  const live = look ? await lookInside(context, config, target) : undefined;
  const { migrator } = config;
  const migrations =
    live?.migrations ??
    (migrator.kind === "drizzle"
      ? await orProblem(() => rememberedMigrations(context, config, target.branch))
      : undefined);
  return {
    stage: stage.name,
    stageSource: stage.sourceText,
    developer: ownerOfBranch(target.branch) ?? null,
    worktree: worktreeDocument(config.root),
    project: { id: project.id, name: project.name, binding: project.binding },
    branch: branchDocument(target, live?.size),
    endpoint: endpoint
      ? { id: endpoint.id, host: endpoint.host, state: live ? "active" : endpoint.state }
      : null,
    database,
    role,
    postgresVersion: live?.version ?? String(project.pgVersion),
    migrations: migrations && "states" in migrations ? names(migrations) : null,
    migrator: migrator.kind,
    migrationsCommand: migrator.kind === "command" ? migrator.command : null,
    migrationsProblem: migrations && "problem" in migrations ? migrations.problem : null,
    envFile: await envFileState(context, config, target),
  };
}

function worktreeDocument(root: string): StatusDocument["worktree"] {
  const worktree = linkedWorktree(root);
  return worktree === undefined ? null : { name: worktree.name, path: worktree.top };
}

function branchDocument(
  { stage, branch, branches, main }: Target,
  liveSize: number | undefined,
): StatusDocument["branch"] {
  const parent = branches.find(({ id }) => id === branch.parentId);
  return {
    id: branch.id,
    name: branch.name,
    parent: branch.parentId ? { id: branch.parentId, name: parent?.name ?? null } : null,
    createdAt: branch.createdAt,
    expiresAt: branch.expiresAt ?? null,
    lastResetAt: branch.lastResetAt ?? null,
    mainReplacedAt: stage.protected ? null : replacedSince(branch, main),
    protected: branch.protected || stage.protected,
    default: branch.default,
    logicalSizeBytes: branch.logicalSizeBytes ?? liveSize ?? null,
  };
}

async function lookInside(context: Needs, config: ProjectConfig, target: Target) {
  const url = await target.connectionUrl();
  const { branch, loopback } = target;
  return await withPostgres(
    url,
    { what: `the branch ${branch.name}`, loopback },
    async (client) => {
      const { rows } = await client.query<{ version: string; size: string }>(
        "select current_setting('server_version') as version, pg_database_size(current_database()) as size",
      );
      return {
        version: rows[0]?.version.split(" ")[0],
        size: Number(rows[0]?.size),
        migrations:
          config.migrator.kind === "drizzle"
            ? await orProblem(() => lookAtMigrations(context, config, branch.id, client))
            : undefined,
      };
    },
  );
}

/** A folder or a ledger in disorder is no reason to show nothing of the branch. */
async function orProblem<T>(look: () => Promise<T>): Promise<T | { problem: string }> {
  try {
    return await look();
  } catch (error) {
    const failure = isServerError(error) ? ledgerRefused(error) : error;
    if (!(failure instanceof DsError)) throw error;
    return { problem: problemText(failure) };
  }
}

function names({ states, begun, asOf }: KnownMigrations): MigrationNames {
  const list = (migrations: { name: string }[]) => migrations.map(({ name }) => name);
  return {
    applied: list(states.applied),
    pending: list(states.pending),
    late: list(states.late),
    edited: list(states.edited),
    unknown: states.unknown.map(rowName),
    begun,
    asOf,
  };
}

async function envFileState(context: Needs, config: ProjectConfig, { endpoint }: Target) {
  const { path, url: variable } = config.envFile;
  const value = await (await context.envFile()).get(variable);
  let pointsHere = false;
  try {
    pointsHere =
      value !== undefined &&
      endpoint !== undefined &&
      addressOf(parseConnectionUrl(value)) === addressOfHost(endpoint.host);
  } catch {
    // Whatever it is, it is no connection string, so it does not point here.
  }
  return { path: shownPath(path, context.cwd), variable, pointsHere };
}
