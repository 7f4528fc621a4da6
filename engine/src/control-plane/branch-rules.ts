import { conflict, type EngineError, unprocessable } from "../lib/engine-error.ts";
import type { BranchRecord, EndpointSettings } from "../model/records.ts";

/** What Neon refuses, as functions of the records; each returns the refusal or undefined. */

export function refuseName(branches: BranchRecord[], name: string): EngineError | undefined {
  return branches.some((branch) => branch.name === name)
    ? conflict("BRANCH_ALREADY_EXISTS", `branch already exists, branch_name: "${name}"`)
    : undefined;
}

export function refuseDelete(
  branch: BranchRecord,
  children: BranchRecord[],
): EngineError | undefined {
  if (branch.default) return unprocessable("cannot delete the default branch of the project");
  if (branch.protected) return unprocessable("cannot delete a protected branch");
  if (children.length > 0) {
    const names = children.map((child) => child.name).join(", ");
    return unprocessable(`cannot delete a branch that has children: ${names}`);
  }
  // The original root stays, also under another name; what a later restore kept of a root may go.
  if (!branch.parentId && branch.initSource !== "schema-only" && !branch.lastResetAt) {
    return unprocessable("cannot delete the root branch of the project");
  }
  return undefined;
}

export function refuseExpiry(
  branch: Pick<BranchRecord, "default" | "protected">,
  children: BranchRecord[],
): EngineError | undefined {
  if (branch.default) return unprocessable("the default branch cannot expire");
  if (branch.protected) return unprocessable("a protected branch cannot expire");
  if (children.length > 0) return unprocessable("a branch that has children cannot expire");
  return undefined;
}

export function refuseRestore(
  target: BranchRecord,
  source: BranchRecord,
  children: BranchRecord[],
  branches: BranchRecord[],
  preserveUnderName: string | undefined,
): EngineError | undefined {
  if (target.protected) return unprocessable("cannot restore a protected branch");
  if (!preserveUnderName) {
    if (children.length > 0) {
      return unprocessable("preserve_under_name is required: the branch has children");
    }
    if (target.id === source.id) {
      return unprocessable("preserve_under_name is required: the branch is its own source");
    }
    return undefined;
  }
  return refuseName(branches, preserveUnderName);
}

/** Asking for a moment of the past must never be answered with the present. */
export function refuseTimeTravel(...moments: (string | undefined)[]): EngineError | undefined {
  return moments.some((moment) => moment !== undefined)
    ? unprocessable(
        "this engine reads the present schema only; create a branch at that moment and read its schema",
      )
    : undefined;
}

/** A request may change one of the two limits: what counts is what they are together. */
export function refuseSizing(settings: EndpointSettings): EngineError | undefined {
  const { autoscalingLimitMinCu: least, autoscalingLimitMaxCu: most } = settings;
  return least > most
    ? unprocessable(
        `autoscaling_limit_min_cu (${least}) is above autoscaling_limit_max_cu (${most})`,
      )
    : undefined;
}
