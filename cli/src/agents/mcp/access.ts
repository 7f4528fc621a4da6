import { parseEphemeralName } from "../../branches/ephemeral-name.ts";
import { makerOf } from "../../branches/made-by.ts";
import type { ProjectConfig } from "../../config/project-config.ts";
import { DsError } from "../../errors/ds-error.ts";
import { parseDuration } from "../../lib/format/duration.ts";
import type { Branch } from "../../neon/model.ts";
import type { Stage } from "../../stages/stage.ts";

export type Access = "write" | "read-only";

/** What an agent's SQL may do to a branch: it is told by the checkout and the branch alone, never by what is read there. */
export function accessTo(
  branch: Branch,
  own: Pick<Stage, "name" | "kind" | "branch">,
  sharedBranches: readonly string[],
): Access {
  const isGuarded =
    branch.default ||
    branch.protected ||
    branch.name === "main" ||
    branch.parentId === undefined ||
    sharedBranches.includes(branch.name);
  if (isGuarded) return "read-only";
  if (own.kind === "personal" && branch.name === own.branch) return "write";
  return isMadeHere(branch, own.name) ? "write" : "read-only";
}

/** The tool `branch` made it, in a checkout of this stage. */
export function isMadeHere(branch: Branch, ownStage: string): boolean {
  const maker = makerOf(branch);
  return maker?.by === "mcp" && maker.stage === ownStage;
}

/** How long a branch of the tool `branch` lives where nobody says. */
export const usualTtl = "1d";

/** Whether the branch was made here, with no time of its own, and would live beyond a moment. */
export function endsWithSession(branch: Branch, ownStage: string, moment: string): boolean {
  if (!isMadeHere(branch, ownStage) || branch.expiresAt === undefined) return false;
  const end = Date.parse(branch.expiresAt);
  const life = end - Date.parse(branch.createdAt);
  return Math.abs(life - parseDuration(usualTtl)) < 60_000 && end > Date.parse(moment);
}

/** Production is not there for an agent, whatever it may do elsewhere; nor is any project but the checkout's own. */
export function refuseProduction(
  stage: Pick<Stage, "name" | "project">,
  config: Pick<ProjectConfig, "project" | "refresh">,
): void {
  const isProduction =
    stage.name === config.refresh?.from ||
    /^(prod|production|live)$/.test(stage.name) ||
    stage.project !== config.project;
  if (!isProduction) return;
  throw new DsError("REFUSED", `stage ${stage.name} is out of reach for agents`, {
    reason: "PRODUCTION_OUT_OF_REACH",
    hint: "Work with this checkout's branch, or read main.",
  });
}

/** Copies that a refresh builds may hold rows of production's as they are there. */
export function refuseEphemeral({ name }: Pick<Branch, "name">): void {
  if (parseEphemeralName(name) === undefined) return;
  throw new DsError("REFUSED", `the branch ${name} is a throwaway copy of another command's`, {
    reason: "PRODUCTION_OUT_OF_REACH",
    hint: "Make one of your own with the tool branch.",
  });
}

/** What changes a branch is for the checkout's own stage, and only where that is a person's. */
export function refuseSharedCheckout(stage: Pick<Stage, "name" | "kind">): void {
  if (stage.kind === "personal") return;
  throw new DsError("REFUSED", `this checkout is set to the shared stage ${stage.name}`, {
    reason: "STAGE_IS_SHARED",
    hint: "Give it a branch of its own: ds setup",
  });
}
