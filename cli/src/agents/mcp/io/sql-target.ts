import { DsError } from "../../../errors/ds-error.ts";
import { stageOrBranch } from "../../../stages/io/stage-or-branch.ts";
import type { Target } from "../../../stages/io/target.ts";
import { type Access, accessTo, refuseEphemeral, refuseProduction } from "../access.ts";
import type { McpServices } from "./services.ts";

/** The branch that a statement is for, and what it may do there. */
export async function sqlTarget(
  services: McpServices,
  name: string | undefined,
): Promise<{ target: Target; access: Access }> {
  const config = await services.config();
  const own = await services.stage();
  const target = name === undefined ? await services.target() : await named(services, name);
  refuseProduction(target.stage, config);
  refuseEphemeral(target.branch);
  const shared = Object.values(config.stages).flatMap((stage) => stage.branch ?? []);
  return { target, access: accessTo(target.branch, own, shared) };
}

/** A declared stage or main, else a branch of the checkout's project, else the stage of that name. */
async function named(services: McpServices, name: string): Promise<Target> {
  const config = await services.config();
  if (name === "main" || Object.hasOwn(config.stages, name)) {
    const stage = await services.stage(name);
    // Before anything is asked of its project.
    refuseProduction(stage, config);
    return services.target(name);
  }
  try {
    const target = await stageOrBranch(services, { branch: name });
    return { ...target, stage: { ...target.stage, project: config.project } };
  } catch (error) {
    const isUnknown = error instanceof DsError && error.reason === "BRANCH_NOT_FOUND";
    if (!isUnknown) throw error;
    return services.target(name).catch((other) => {
      throw other instanceof DsError && other.code === "NOT_FOUND" ? error : other;
    });
  }
}
