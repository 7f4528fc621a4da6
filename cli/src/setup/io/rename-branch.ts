import { findBranch } from "../../branches/io/find-own.ts";
import { parseRecoveryPoint, recoveryPoints } from "../../branches/recovery-point.ts";
import { refuseOthersBranch } from "../../branches/refusals.ts";
import { DsError } from "../../errors/ds-error.ts";
import { shownPath } from "../../lib/format/shown-path.ts";
import type { Branch } from "../../neon/model.ts";
import { changeSettings } from "../../runtime/io/user-settings.ts";
import { placeCheckout } from "../../stages/io/checkout.ts";
import { thisCheckout } from "../../stages/io/local-stage.ts";
import { stageOfBranch } from "../../stages/stage.ts";
import type { UseNeeds } from "./point-at-branch.ts";

export interface RenamedBranch {
  branch: Branch;
  from: string;
  /** Its recovery points, under their new names. */
  points: string[];
  /** The env file that named it. */
  envFile: { path: string; changed: boolean };
}

/**
 * Gives a branch of one's own another name, and its recovery points with it, which go by it. They go first: whoever
 * repeats a rename that was killed goes on with the rest. This checkout's env file follows; its address stays.
 */
export async function renameBranch(
  context: UseNeeds,
  name: string,
  wanted: string,
): Promise<RenamedBranch> {
  const { project, branches, branch, oneself } = await findBranch(context, name);
  refuseOthersBranch(branch, oneself, "renamed");
  if (branch.annotation["ds-stage"] !== undefined) {
    throw new DsError(
      "REFUSED",
      `the branch ${branch.name} is not renamed: it is a cloud stage's`,
      {
        reason: "BRANCH_OF_OTHER_STAGE",
        hint: "Its secret and stack go by the stage's name. Copy it instead: ds db create <name> --from <branch>",
      },
    );
  }
  if (branches.some((each) => each.name === wanted)) {
    throw new DsError("CONFLICT", `the project ${project.name} already has a branch ${wanted}`, {
      reason: "BRANCH_NAME_TAKEN",
      hint: "Choose another name, or look at what there is: ds db branches",
    });
  }
  const neon = await context.neon();
  const points = recoveryPoints(branch.name, branches);
  const renamed = await context.output.step(`Renaming ${branch.name} to ${wanted}`, async () => {
    for (const point of points) {
      if (parseRecoveryPoint(branch.name, point.name) === undefined) continue;
      await neon.updateBranch(project.id, point.id, { name: inPlaceOf(point, branch, wanted) });
    }
    return await neon.updateBranch(project.id, branch.id, { name: wanted });
  });
  return {
    branch: renamed,
    from: branch.name,
    points: points.map((point) => inPlaceOf(point, branch, wanted)),
    envFile: await followRename(context, branch.name, wanted),
  };
}

const inPlaceOf = (point: Branch, { name }: Branch, wanted: string): string =>
  `${wanted}${point.name.slice(name.length)}`;

async function followRename(
  context: UseNeeds,
  from: string,
  to: string,
): Promise<RenamedBranch["envFile"]> {
  const { stageVariable } = await context.config();
  const file = await context.envFile();
  const path = shownPath(file.path, context.cwd);
  const named = await file.get(stageVariable);
  if (named !== (stageOfBranch(from) ?? from)) return { path, changed: false };
  const checkout = await thisCheckout(context);
  const { name: developer } = await context.developer();
  await changeSettings(context, (settings) =>
    placeCheckout(settings, checkout, { developer, used: { now: to, before: named } }),
  );
  return { path, changed: await file.set({ [stageVariable]: to }) };
}
