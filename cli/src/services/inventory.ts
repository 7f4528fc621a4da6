import type { ProjectConfig } from "../config.ts";
import type { Context } from "../context.ts";
import type { GitBranches, Inventory, Source } from "../core/inventory.ts";
import type { Project } from "../core/model.ts";
import { secretPrefix } from "../core/secret-name.ts";
import { toDsError } from "../core/to-ds-error.ts";

type Needs = Pick<Context, "neon" | "secrets" | "stacks" | "git" | "signal">;

/**
 * Asks all sources at once. One that fails costs what it knows and nothing else: its failure is a part of the answer.
 */
export async function takeInventory(
  context: Needs,
  config: ProjectConfig,
  project: Project,
): Promise<Inventory> {
  const stacks = async () => {
    const service = await context.stacks();
    return service ? await service.list() : undefined;
  };
  const backend = async () => (await context.stacks())?.backend();
  const [branches, endpoints, secrets, stackList, stackBackend, git] = await Promise.all([
    source(context, async () => (await context.neon()).listBranches(project.id)),
    source(context, async () => (await context.neon()).listEndpoints(project.id)),
    source(context, async () =>
      (await context.secrets()).list(secretPrefix(config.secrets.name, config.project)),
    ),
    source(context, stacks),
    source(context, backend),
    source(context, () => gitBranches(context)),
  ]);
  return { project, branches, endpoints, secrets, stacks: stackList, stackBackend, git };
}

/** Ctrl-C is no failure of a source: it ends the command. */
async function source<T>({ signal }: Needs, ask: () => Promise<T | undefined>): Promise<Source<T>> {
  try {
    const value = await ask();
    return value === undefined ? { state: "none" } : { state: "known", value };
  } catch (error) {
    if (signal.aborted) throw error;
    return { state: "unknown", why: toDsError(error).message };
  }
}

/** Undefined outside a checkout. */
async function gitBranches(context: Needs): Promise<GitBranches | undefined> {
  const git = await context.git();
  if ((await git.root()) === undefined) return undefined;
  const [local, remote] = await Promise.all([git.localBranches(), git.remoteBranches()]);
  return { names: new Set([...local, ...remote]) };
}
