import type { ProjectConfig } from "../../config/project-config.ts";
import { toDsError } from "../../errors/to-ds-error.ts";
import type { HasGit } from "../../lib/git/io/git.ts";
import type { HasNeon } from "../../neon/io/client.ts";
import type { Project } from "../../neon/model.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HasSecrets } from "../../secrets/io/secret-store.ts";
import { secretPrefix } from "../../secrets/name.ts";
import type { GitBranches, Inventory, Source } from "../inventory.ts";
import type { HasStacks } from "../pulumi/io/stacks.ts";

type Needs = Pick<Runtime, "signal"> & HasGit & HasNeon & HasSecrets & HasStacks;

type Asked = { [K in keyof Omit<Inventory, "project">]: Promise<Inventory[K]> };

/** Everything, once the last source has answered. */
export async function takeInventory(
  context: Needs,
  config: ProjectConfig,
  project: Project,
): Promise<Inventory> {
  const asked = querySources(context, config, Promise.resolve(project));
  const [branches, endpoints, secrets, stacks, stackBackend, git] = await Promise.all([
    asked.branches,
    asked.endpoints,
    asked.secrets,
    asked.stacks,
    asked.stackBackend,
    asked.git,
  ]);
  return { project, branches, endpoints, secrets, stacks, stackBackend, git };
}

/**
 * Asks all sources at once, each of which answers in its own time. One that fails costs what it knows and
 * nothing else: its failure is an answer.
 */
export function querySources(
  context: Needs,
  config: ProjectConfig,
  project: Promise<Project>,
): Asked {
  const neon = async () => ({ api: await context.neon(), id: (await project).id });
  return {
    branches: source(context, async () => {
      const { api, id } = await neon();
      return api.listBranches(id);
    }),
    endpoints: source(context, async () => {
      const { api, id } = await neon();
      return api.listEndpoints(id);
    }),
    secrets: source(context, async () =>
      (await context.secrets()).list(secretPrefix(config.secrets.name, config.project)),
    ),
    stacks: source(context, async () => (await context.stacks())?.list()),
    stackBackend: source(context, async () => (await context.stacks())?.backend()),
    git: source(context, () => gitBranches(context)),
  };
}

/** Ctrl-C is no failure of a source: it ends the command. */
export async function source<T>(
  { signal }: Pick<Needs, "signal">,
  ask: () => Promise<T | undefined>,
): Promise<Source<T>> {
  try {
    const value = await ask();
    return value === undefined ? { state: "none" } : { state: "known", value };
  } catch (error) {
    if (signal.aborted) throw error;
    const { message, code, reason } = toDsError(error);
    return { state: "unknown", why: message, code, reason };
  }
}

/** Undefined outside a checkout. */
async function gitBranches(context: Needs): Promise<GitBranches | undefined> {
  const git = await context.git();
  if ((await git.root()) === undefined) return undefined;
  const [local, remote] = await Promise.all([git.localBranches(), git.remoteBranches()]);
  return { names: new Set([...local, ...remote]) };
}
