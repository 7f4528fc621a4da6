import { type SharedStages, type Stage, type StageSource, stageOrBranchNamed } from "./stage.ts";

export interface CurrentStage extends Stage {
  source: StageSource;
  /** For people: `DEVSTRIDE_STAGE in .env`. */
  sourceText: string;
  /** Of a linked worktree: it is the worktree's own, whose name alone tells no developer. */
  isOwn?: boolean;
}

export interface OwnStage {
  name: string;
  developer: { name: string; source: string };
  /** The linked worktree that it is of. */
  worktree: { name: string } | undefined;
}

/** Why a checkout's own stage is called so: `the worktree feature and the developer name phil (DS_DEVELOPER)`. */
export function localSourceText({ developer, worktree }: OwnStage): string {
  const of = worktree === undefined ? "" : `the worktree ${worktree.name} and `;
  return `${of}the developer name ${developer.name} (${developer.source})`;
}

export interface StageInputs {
  shared: SharedStages;
  /** Name of the variable, for messages. */
  variable: string;
  envFileName: string;
  target: string | undefined;
  fromEnvironment: string | undefined;
  fromEnvFile: string | undefined;
  /** The checkout's own. Asked only when nothing else names a stage: finding a developer's name may start git. */
  local: () => Promise<OwnStage>;
}

/** `--target`, else the environment, else the env file, else the checkout's own. */
export async function currentStage(inputs: StageInputs): Promise<CurrentStage> {
  const { shared, target, fromEnvironment, fromEnvFile, variable } = inputs;
  const named = (name: string, source: StageSource, sourceText: string): CurrentStage => ({
    ...stageOrBranchNamed(name, shared, sourceText),
    source,
    sourceText,
  });
  if (target !== undefined) return named(target, "--target", "--target");
  if (fromEnvironment) {
    return named(fromEnvironment, "environment", `${variable} in the environment`);
  }
  if (fromEnvFile) return named(fromEnvFile, "env file", `${variable} in ${inputs.envFileName}`);
  const local = await inputs.local();
  const stage = named(local.name, "developer", localSourceText(local));
  return local.worktree === undefined ? stage : { ...stage, isOwn: true };
}
