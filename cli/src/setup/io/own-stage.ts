import type { HasConfig } from "../../config/project-config.ts";
import { DsError } from "../../errors/ds-error.ts";
import type { Branch } from "../../neon/model.ts";
import { homeDigest } from "../../runtime/io/machine-id.ts";
import { changeSettings } from "../../runtime/io/user-settings.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { holderOf, placeCheckout, settingsOf } from "../../stages/io/checkout.ts";
import type { HasEnvFile } from "../../stages/io/env-file.ts";
import { thisCheckout } from "../../stages/io/local-stage.ts";
import type { OwnerNote } from "../../stages/owner-note.ts";
import { branchOfStage, localStageName } from "../../stages/stage.ts";
import { worktreeStageName } from "../../stages/worktree-stage.ts";
import { isOthers } from "../own-stage.ts";

export interface OwnStage {
  name: string;
  /** What is written on its branch when that is made. */
  note: OwnerNote;
  /** Whether its branch is another's after all: somebody was faster. */
  isOthers(branches: readonly Branch[]): boolean;
}

/**
 * The checkout's own stage, remembered as its own. Of a linked worktree it is the first name that is free: in what this
 * home remembers, asked while no other set-up asks, and on the branches that there are.
 */
export async function claimOwnStage(
  context: Pick<Runtime, "home" | "signal"> & HasConfig & HasEnvFile,
  developer: string,
  branches: readonly Branch[],
): Promise<OwnStage> {
  const checkout = await thisCheckout(context);
  const { worktree } = checkout;
  const named = await (await context.envFile()).get((await context.config()).stageVariable);
  if (worktree === undefined) {
    const name = localStageName(developer);
    if (isOthers(name, branches, { owner: developer }, false)) throw ofOther(name);
    await changeSettings(context, (settings) => placeCheckout(settings, checkout, { developer }));
    const note: OwnerNote = { owner: developer, madeBy: "setup" };
    return { name, note, isOthers: (now) => isOthers(name, now, { owner: developer }, false) };
  }
  const own = {
    owner: developer,
    worktree: worktree.name,
    machine: await homeDigest(context.home),
  };
  const mark = `${own.machine} ${worktree.gitFolder}`;
  const name = await changeSettings(context, (settings) => {
    const known = settingsOf(settings, checkout);
    const candidates = [
      ...(known?.stage !== undefined && known.developer === developer ? [known.stage] : []),
      worktreeStageName(developer, worktree.name),
      worktreeStageName(developer, worktree.name, mark),
    ];
    const free = candidates.find(
      (stage) =>
        holderOf(settings, stage, worktree) === undefined &&
        !isOthers(stage, branches, own, stage === named),
    );
    if (free === undefined) throw ofOther(candidates[0] ?? "");
    placeCheckout(settings, checkout, { developer, stage: free });
    return free;
  });
  const note: OwnerNote = { ...own, madeBy: "setup" };
  return { name, note, isOthers: (now) => isOthers(name, now, own, name === named) };
}

const ofOther = (stage: string): DsError =>
  new DsError(
    "REFUSED",
    `the branch ${branchOfStage(stage)} is another developer's, or of another worktree. Nothing was changed.`,
    {
      reason: "BRANCH_OF_OTHER_CHECKOUT",
      hint: "Choose another name for yourself: ds setup --developer <name>. To see whose it is: ds db branches",
    },
  );
