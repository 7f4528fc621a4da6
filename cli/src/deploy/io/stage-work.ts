import type { HasConfig, ProjectConfig } from "../../config/project-config.ts";
import { DsError } from "../../errors/ds-error.ts";
import { toDsError } from "../../errors/to-ds-error.ts";
import { parseDuration } from "../../lib/format/duration.ts";
import type { HasGit } from "../../lib/git/io/git.ts";
import type { HasNeon, Neon } from "../../neon/io/client.ts";
import type { Project } from "../../neon/model.ts";
import { withLock } from "../../runtime/io/lock-file.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HasSecrets } from "../../secrets/io/secret-store.ts";
import { otherOwner } from "../../secrets/io/secret-store.ts";
import { secretNameOf } from "../../secrets/name.ts";
import type { HasDeveloper } from "../../stages/io/developer.ts";
import { requireProject } from "../../stages/io/project.ts";
import type { CloudStage } from "../cloud-stage.ts";
import { type DeployStep, stepNames } from "../unfinished.ts";
import { findCloudStage, type StageFlags } from "./find-stage.ts";
import type { Journal } from "./journal.ts";

/** What every step of `up` and `down` works with. */
export interface StageWork {
  config: ProjectConfig;
  stage: CloudStage;
  neon: Neon;
  project: Project;
  secretName: string;
  /** How long to wait for others that are at work on the same stage. */
  waitMs: number;
}

export interface WorkFlags extends StageFlags {
  wait: string | undefined;
}

/** Finds the stage that is meant, and says which it is. */
export async function openStageWork(
  context: Pick<Runtime, "env" | "output"> & HasConfig & HasGit & HasDeveloper & HasNeon,
  flags: WorkFlags,
  gitBranch: string | undefined,
): Promise<StageWork> {
  const waitMs = parseDuration(flags.wait ?? "5m");
  const stage = await findCloudStage(context, flags, gitBranch);
  const config = await context.config();
  const neon = await context.neon();
  const project = await requireProject(neon, stage.project, config);
  context.output.note(`stage ${stage.name}, branch ${stage.branch} of ${project.name}`);
  return {
    config,
    stage,
    neon,
    project,
    secretName: secretNameOf(config.secrets.name, config.project, stage.name),
    waitMs,
  };
}

/**
 * Says so when the stage's secret is another project's: then `ds` points elsewhere than usual, at a local engine for
 * instance, and the secret and the stack of that name belong to a stage over there.
 */
export async function foreignSecret(
  context: HasSecrets,
  { project, secretName }: StageWork,
): Promise<string | undefined> {
  const owner = await otherOwner(await context.secrets(), secretName, project.id);
  return owner === undefined
    ? undefined
    : `its secret ${secretName} is of the project ${owner}, and this is ${project.name} (${project.id})`;
}

export const otherProjectHint = "Point ds at that project (NEON_API_HOST, NEON_API_KEY).";

export const stageLock = (project: Pick<Project, "id">, stage: string): string =>
  `deploy-${project.id}-${stage}`;

/**
 * Nobody else on this machine is at work on the stage meanwhile. Between machines there is no lock of ours: a branch's
 * name can be taken once only, the migrator locks the database, Pulumi locks the stack, and every step looks first.
 */
export function withStageLock<T>(
  { home, output, signal }: Pick<Runtime, "home" | "output" | "signal">,
  { project, stage, waitMs }: StageWork,
  work: () => Promise<T>,
): Promise<T> {
  const onWait = (pid: number) =>
    output.note(`another ds (pid ${pid}) is at work on the stage ${stage.name}; waiting for it`);
  const name = stageLock(project, stage.name);
  return withLock({ home, name, signal, waitMs, onWait }, work);
}

/** Notes the step before it begins; a failure says what is in place and how to go on. */
export async function journaled<T>(
  journal: Journal,
  { stage }: StageWork,
  step: DeployStep,
  aftermath: string,
  work: () => Promise<T>,
): Promise<T> {
  await journal.at(step);
  try {
    return await work();
  } catch (cause) {
    const error = toDsError(cause);
    // A migrator's report would otherwise become the whole answer.
    const { report, ...details } = error.details;
    const hints = [error.hint, aftermath].filter((hint) => hint !== undefined);
    throw new DsError(error.code, `stage ${stage.name}, ${stepNames[step]}: ${error.message}`, {
      hint: hints.join("\n"),
      details: { ...details, ...(report ? { migrations: report } : {}), stage: stage.name, step },
      cause,
    });
  }
}
