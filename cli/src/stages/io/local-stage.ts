import { realpathSync } from "node:fs";
import { basename } from "node:path";
import type { HasConfig } from "../../config/project-config.ts";
import { DsError } from "../../errors/ds-error.ts";
import { type LinkedWorktree, linkedWorktree } from "../../lib/git/io/linked-worktree.ts";
import { readSettings } from "../../runtime/io/user-settings.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { type EnvFileStage, foreignStage } from "../foreign-stage.ts";
import { localStageName } from "../stage.ts";
import { worktreeStageName } from "../worktree-stage.ts";
import { type Checkout, holderOf, settingsOf } from "./checkout.ts";
import type { Developer, HasDeveloper } from "./developer.ts";

/** A checkout's own stage. */
export interface LocalStage {
  name: string;
  developer: Developer;
  worktree: LinkedWorktree | undefined;
}

type Needs = Pick<Runtime, "home"> & HasConfig & HasDeveloper;

export async function thisCheckout({ config }: HasConfig): Promise<Checkout> {
  const { root } = await config();
  return { root, worktree: linkedWorktree(root) };
}

/** `{developer}-local`; of a linked worktree what its set-up found free, else `{developer}-{worktree}-local`. */
export async function findLocalStage(context: Needs, flag?: string): Promise<LocalStage> {
  const checkout = await thisCheckout(context);
  const { worktree } = checkout;
  const developer = await context.developer(flag);
  if (worktree === undefined) return { name: localStageName(developer.name), developer, worktree };
  const known = settingsOf(await readSettings(context.home), checkout);
  const name =
    known?.stage !== undefined && known.developer === developer.name
      ? known.stage
      : worktreeStageName(developer.name, worktree.name);
  return { name, developer, worktree };
}

/** `own`: of this linked worktree. `foreign`: it came here with a copy. */
export type Standing = "own" | "other" | { foreign: EnvFileStage; whose: string };

/** How a stage that the env file or the environment names stands to the checkout. */
export async function standingOf(context: Needs, stage: string): Promise<Standing> {
  const checkout = await thisCheckout(context);
  const { worktree } = checkout;
  const settings = await readSettings(context.home);
  const known = settingsOf(settings, checkout);
  if (worktree !== undefined && known?.stage === stage) return "own";
  const holder = holderOf(settings, stage, worktree);
  if (worktree === undefined && holder === undefined) return "other";
  const own = await findLocalStage(context);
  const foreign: EnvFileStage = {
    stage,
    own: own.name,
    main: localStageName(own.developer.name),
    worktree: worktree?.name,
    used: known?.used === undefined ? [] : [known.used.now, known.used.before],
    holder: holder && basename(holder),
  };
  const whose = foreignStage(foreign);
  if (whose !== undefined) return { foreign, whose };
  return worktree !== undefined && stage === own.name ? "own" : "other";
}

/** Two folders of one worktree would write over each other, in git as here. */
export function refuseCopy({ worktree }: Checkout): void {
  if (worktree?.copyOf === undefined) return;
  throw new DsError(
    "REFUSED",
    `${worktree.top} is a copy of the worktree ${worktree.name}, which git has at ${realpathSync(worktree.copyOf)}. Nothing was changed.`,
    {
      reason: "WORKTREE_IS_COPY",
      hint: "Make a worktree with git instead: git worktree add. Where the other folder is the copy: git worktree repair",
    },
  );
}
