import { conflict, type EngineError, unprocessable } from "../lib/engine-error.ts";
import type { BranchRecord } from "../model/records.ts";
import { anonymizedRestore } from "./anonymization-rules.ts";

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
  if (branch.default)
    return unprocessable("BRANCH_IS_DEFAULT", "cannot delete the default branch of the project");
  if (branch.protected)
    return unprocessable("BRANCH_PROTECTED", "cannot delete a protected branch");
  if (children.length > 0) {
    const names = children.map((child) => child.name).join(", ");
    return unprocessable(
      "BRANCH_HAS_CHILDREN",
      `cannot delete a branch that has children: ${names}`,
    );
  }
  // The original root stays, also under another name; what a later restore kept of a root may go.
  if (!branch.parentId && branch.initSource !== "schema-only" && !branch.lastResetAt) {
    return unprocessable("BRANCH_IS_ROOT", "cannot delete the root branch of the project");
  }
  return undefined;
}

export function refuseExpiry(
  branch: Pick<BranchRecord, "default" | "protected">,
  children: BranchRecord[],
): EngineError | undefined {
  if (branch.default) return unprocessable("BRANCH_IS_DEFAULT", "the default branch cannot expire");
  if (branch.protected)
    return unprocessable("BRANCH_PROTECTED", "a protected branch cannot expire");
  if (children.length > 0)
    return unprocessable("BRANCH_HAS_CHILDREN", "a branch that has children cannot expire");
  return undefined;
}

interface WantedRestore {
  target: BranchRecord;
  source: BranchRecord;
  /** Of the target. */
  children: BranchRecord[];
  /** Of the project. */
  branches: BranchRecord[];
  preserveUnderName?: string | undefined;
}

export function refuseRestore(wanted: WantedRestore): EngineError | undefined {
  const { target, source, children, branches, preserveUnderName } = wanted;
  if (target.protected)
    return unprocessable("BRANCH_PROTECTED", "cannot restore a protected branch");
  if (target.anonymization) return anonymizedRestore();
  if (preserveUnderName) return refuseName(branches, preserveUnderName);
  if (children.length > 0) {
    return unprocessable(
      "BRANCH_HAS_CHILDREN",
      "preserve_under_name is required: the branch has children",
    );
  }
  if (target.id === source.id) {
    return unprocessable(
      "PRESERVE_NAME_REQUIRED",
      "preserve_under_name is required: the branch is its own source",
    );
  }
  return undefined;
}
