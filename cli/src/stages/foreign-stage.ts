import { DsError } from "../errors/ds-error.ts";

/** What is known of an env file's stage and of the checkout that it lies in. */
export interface EnvFileStage {
  /** The stage that the env file names. */
  stage: string;
  /** The checkout's own local stage. */
  own: string;
  /** The same developer's of the main worktree. */
  main: string;
  /** Name of the linked worktree that the checkout is; undefined: the main one, or none. */
  worktree: string | undefined;
  /** Stages that somebody has pointed this checkout at. */
  used: readonly string[];
  /** Name of another worktree whose own the stage is. */
  holder: string | undefined;
}

/**
 * Whose the stage is, where an env file came here from another worktree: its name, or "" where it is not known. A worktree's
 * env file names its own stage, what it was pointed at, or one that is not a checkout's.
 */
export function foreignStage(of: EnvFileStage): string | undefined {
  if (of.stage === of.own || of.used.includes(of.stage)) return undefined;
  if (of.holder !== undefined) return of.holder;
  return of.worktree !== undefined && of.stage.endsWith("-local") ? "" : undefined;
}

/** The sentence of every command for such an env file. */
export function copiedEnvFile(of: EnvFileStage, envFile: string, whose: string): DsError {
  const its =
    whose !== ""
      ? `the worktree ${whose}'s`
      : of.stage === of.main
        ? "the main worktree's"
        : "another checkout's";
  const here = of.worktree === undefined ? "this checkout" : `the worktree ${of.worktree}`;
  return new DsError(
    "REFUSED",
    `${envFile} names the stage ${of.stage}, which is ${its}: ${here} has ${of.own}. Nothing was changed.`,
    {
      reason: "ENV_FILE_OF_OTHER_WORKTREE",
      hint: `Write this one's own: ds setup. To work on that branch from here on purpose: ds db use ${of.stage}`,
      details: { stage: of.stage, own: of.own, worktree: of.worktree ?? null },
    },
  );
}
