import type { HasConfig } from "../../config/project-config.ts";
import type { HasDeveloper } from "../../stages/io/developer.ts";
import type { HasStage, HasTarget, Target } from "../../stages/io/target.ts";
import { stageOfBranch } from "../../stages/stage.ts";
import { refuseBranch, refuseOthersStage, refuseSharedStage } from "../refusals.ts";

/** A stage whose data may be exchanged: of one person, and not what others work with (exit 6). */
export async function ownBranch(
  context: HasConfig & HasDeveloper & HasStage & HasTarget,
  name: string | undefined,
  what: string,
): Promise<Target> {
  refuseSharedStage(await context.stage(name), what);
  const config = await context.config();
  const target = await context.target(name);
  const shared = Object.values(config.stages).flatMap((stage) => stage.branch ?? []);
  // Who asks matters for what was made by hand, or is named, alone; and to find it may start git.
  const isMade = stageOfBranch(target.branch.name) === undefined;
  const developer = isMade || name !== undefined ? (await context.developer()).name : undefined;
  refuseBranch(target.stage, target.branch, shared, what, isMade ? developer : undefined);
  if (developer !== undefined && name !== undefined) {
    refuseOthersStage(target.stage, target.branch, { developer, action: what });
  }
  return target;
}
