import type { HasConfig } from "../../config/project-config.ts";
import type { HasStage, HasTarget, Target } from "../../stages/io/target.ts";
import { refuseBranch, refuseSharedStage } from "../refusals.ts";

/** A stage whose data may be exchanged: of one person, and not what others work with (exit 6). */
export async function ownBranch(
  context: HasConfig & HasStage & HasTarget,
  name: string | undefined,
  what: string,
): Promise<Target> {
  refuseSharedStage(await context.stage(name), what);
  const config = await context.config();
  const target = await context.target(name);
  const shared = Object.values(config.stages).flatMap((stage) => stage.branch ?? []);
  refuseBranch(target.stage, target.branch, shared, what);
  return target;
}
