import { refuseOthersBranch, refuseSharedStage } from "../../branches/refusals.ts";
import type { HasConfig } from "../../config/project-config.ts";
import { DsError } from "../../errors/ds-error.ts";
import type { HasGit } from "../../lib/git/io/git.ts";
import type { HasNeon } from "../../neon/io/client.ts";
import type { Branch } from "../../neon/model.ts";
import { changeSettings, readSettings, type UsedStages } from "../../runtime/io/user-settings.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { placeCheckout, settingsOf } from "../../stages/io/checkout.ts";
import type { HasDeveloper } from "../../stages/io/developer.ts";
import type { HasEnvFile } from "../../stages/io/env-file.ts";
import { findLocalStage, refuseCopy, thisCheckout } from "../../stages/io/local-stage.ts";
import { requireProject } from "../../stages/io/project.ts";
import { describeTarget, type Target } from "../../stages/io/target.ts";
import { branchOfStage, stageOrBranchNamed } from "../../stages/stage.ts";
import { checkIgnorable, ignoreEnvFile } from "./ignore-env-file.ts";
import { type WrittenEnvFile, writeEnvFile } from "./write-env-file.ts";

export interface UsedBranch extends WrittenEnvFile {
  target: Target;
  /** The stage that the env file named before. */
  before: string;
  /** The checkout's own stage. */
  own: string;
}

export type UseNeeds = Runtime & HasConfig & HasEnvFile & HasDeveloper & HasGit & HasNeon;

/**
 * Points this checkout's env file at a branch of one's own: a stage's, or one that has the name; `-` is the one before.
 * What the checkout was pointed at is remembered first, so that the env file is never one that came from elsewhere.
 */
export async function pointAtBranch(context: UseNeeds, wanted: string): Promise<UsedBranch> {
  const config = await context.config();
  const checkout = await thisCheckout(context);
  refuseCopy(checkout);
  const file = await context.envFile();
  await file.checkWritable();
  await checkIgnorable(context);
  const own = await findLocalStage(context);
  const before = (await file.get(config.stageVariable)) || own.name;
  const known = usedUntil(settingsOf(await readSettings(context.home), checkout)?.used, before);
  const name = wanted === "-" ? stageBefore(known, before) : wanted;
  const target = await findOwnBranch(context, name);
  const { developer } = own;
  const now = target.stage.name;
  const remember = (used: UsedStages) =>
    changeSettings(context, (settings) =>
      placeCheckout(settings, checkout, { developer: developer.name, used }),
    );
  if (now !== before) await remember({ now, before, unfinished: known ?? null });
  await ignoreEnvFile(context);
  const written = await writeEnvFile(context, target);
  if (now !== before) await remember({ now, before });
  return { ...written, target, before, own: own.name };
}

/** Of a command that was killed before the env file was written: what was so before it. */
function usedUntil(used: UsedStages | undefined, ofEnvFile: string): UsedStages | undefined {
  if (used?.unfinished === undefined || used.now === ofEnvFile) return used;
  return used.unfinished ?? undefined;
}

function stageBefore(known: UsedStages | undefined, now: string): string {
  if (known === undefined) {
    throw new DsError("NOT_FOUND", "this checkout was not pointed at another branch before", {
      reason: "NOTHING_BEFORE",
      hint: "Name the branch or stage: ds db use <branch>. To see which there are: ds db branches",
    });
  }
  return known.now === now ? known.before : known.now;
}

/** The branch, with the stage that stands for it; refused where it is not the developer's own. */
async function findOwnBranch(context: UseNeeds, name: string): Promise<Target> {
  const config = await context.config();
  const sourceText = `ds db use ${name}`;
  const stage = {
    ...stageOrBranchNamed(name, config, sourceText),
    source: "--target" as const,
    sourceText,
  };
  refuseSharedStage(stage, "used");
  const neon = await context.neon();
  const project = await requireProject(context, stage.project);
  const [branches, endpoints] = await Promise.all([
    neon.listBranches(project.id),
    neon.listEndpoints(project.id),
  ]);
  refuseTwo(branches, name);
  const target = await describeTarget(context, { stage, project, branches, endpoints });
  const oneself = {
    developer: (await context.developer()).name,
    isLocal: neon.local,
    sharedBranches: Object.values(config.stages).flatMap(({ branch }) => branch ?? []),
  };
  refuseOthersBranch(target.branch, oneself, "used");
  // Without one there is nothing to write, and nothing may have changed when that is told.
  await target.connectionUrl();
  return target;
}

/** A stage's branch and another one of the stage's name: later commands could not tell which is meant. */
function refuseTwo(branches: readonly Branch[], name: string): void {
  const [stages, same] = [branchOfStage(name), name].map((each) =>
    branches.find((branch) => branch.name === each),
  );
  if (stages === undefined || same === undefined) return;
  throw new DsError(
    "CONFLICT",
    `"${name}" is the name of a branch, and of the stage whose branch is ${stages.name}`,
    {
      reason: "BRANCH_NAME_AMBIGUOUS",
      hint: `For the stage's: ds db use ${stages.name}. The other one needs another name: ds db rename ${name} <name>`,
    },
  );
}
