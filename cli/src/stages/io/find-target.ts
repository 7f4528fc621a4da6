import { relative } from "node:path";
import type { HasConfig } from "../../config/project-config.ts";
import type { HasNeon, Neon } from "../../neon/io/client.ts";
import { cachedRequests, cacheRequests } from "../../neon/io/prefetch-cache.ts";
import { loopbackOf } from "../../postgres/connection-url.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { type CurrentStage, currentStage } from "../current-stage.ts";
import { copiedEnvFile } from "../foreign-stage.ts";
import type { HasDeveloper } from "./developer.ts";
import type { HasEnvFile } from "./env-file.ts";
import { findLocalStage, refuseCopy, standingOf, thisCheckout } from "./local-stage.ts";
import { requireProject } from "./project.ts";
import { describeTarget, type LedgerPrefetchPort, type Target } from "./target.ts";

type StageSources = Pick<Runtime, "env" | "home" | "output"> &
  HasConfig &
  HasEnvFile &
  HasDeveloper;

export async function findStage(context: StageSources, target?: string): Promise<CurrentStage> {
  const config = await context.config();
  const variable = config.stageVariable;
  const fromEnvironment = context.env[variable]?.trim() || undefined;
  const envFileName = relative(config.root, config.envFile.path);
  const askFile = target === undefined && fromEnvironment === undefined;
  const fromEnvFile = askFile
    ? (await (await context.envFile()).get(variable)) || undefined
    : undefined;
  if (target === undefined) refuseCopy(await thisCheckout(context));
  const given = target === undefined ? (fromEnvironment ?? fromEnvFile) : undefined;
  const standing = given === undefined ? "other" : await standingOf(context, given);
  if (typeof standing === "object") {
    const { foreign, whose } = standing;
    if (fromEnvironment === undefined) throw copiedEnvFile(foreign, envFileName, whose);
    context.output.warn(
      `${variable}=${given} in this shell is another checkout's stage, and wins over this one's, ${foreign.own}`,
    );
  }
  const stage = await currentStage({
    shared: config,
    variable,
    envFileName,
    target,
    fromEnvironment,
    fromEnvFile,
    local: () => findLocalStage(context),
  });
  context.output.detail(`stage ${stage.name}, from ${stage.sourceText}`);
  return standing === "own" ? { ...stage, isOwn: true } : stage;
}

/**
 * Asks at once what it took the last time to find the stage's branch and its address; what is used is what
 * the API answers now.
 *
 * @param prefetch begins to look where the stage was the last time, while the API is being asked
 */
export async function findTarget(
  context: StageSources & Pick<Runtime, "signal"> & HasNeon,
  name?: string,
  prefetch?: LedgerPrefetchPort,
): Promise<Target> {
  const stage = await findStage(context, name);
  const neon = await context.neon();
  const { root } = await context.config();
  // Another checkout's project may have the same name.
  const topic = [neon.url, root, stage.project, stage.branch].join(" ");
  const questions = cachedRequests(context.home, topic);
  neon.prefetch(questions);
  if (prefetch) void beginPrefetch(prefetch, neon, stage, questions);
  const project = await requireProject(context, stage.project);
  const [branches, endpoints] = await Promise.all([
    neon.listBranches(project.id),
    neon.listEndpoints(project.id),
  ]);
  const target = await describeTarget(context, { stage, project, branches, endpoints });
  const { branch } = target;
  if (branch.state === "archived") {
    context.output.note(
      `The branch ${branch.name} is archived: its first connection takes longer.`,
    );
  }
  if (!neon.local) await rememberForCompletion(context.home, neon.url, target);
  return {
    ...target,
    connectionUrl: async (options) => {
      const url = await target.connectionUrl(options);
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
  { stage, branches }: Target,
): Promise<void> {
  const { rememberBranchNames } = await import("../../neon/io/branch-name-cache.ts");
  const names = branches.map(({ name }) => name);
  await rememberBranchNames(home, api, stage.project, names).catch(() => {});
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
