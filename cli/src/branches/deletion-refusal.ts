import { DsError } from "../errors/ds-error.ts";
import type { ErrorReason } from "../errors/error-reason.ts";
import type { Branch } from "../neon/model.ts";
import { isOriginalRoot } from "./recovery-point.ts";

interface Blocker {
  reason: ErrorReason;
  why: string;
  hint: string;
}

/** Why the branch may not be deleted, whatever --yes says; undefined when it may. */
export function deletionRefusal(
  branch: Branch,
  branches: Branch[],
  sharedBranches: string[],
): DsError | undefined {
  const blocker = deletionBlocker(branch, branches, sharedBranches);
  if (blocker === undefined) return undefined;
  const { reason, why, hint } = blocker;
  return new DsError("REFUSED", `the branch ${branch.name} is not deleted: ${why}`, {
    reason,
    hint,
  });
}

function deletionBlocker(
  branch: Branch,
  branches: Branch[],
  sharedBranches: string[],
): Blocker | undefined {
  if (branch.default || branch.name === "main") {
    return {
      reason: "BRANCH_IS_DEFAULT",
      why: "it is the project's default branch",
      hint: "Every other branch forks from it.",
    };
  }
  if (branch.parentId === undefined) {
    return {
      reason: "BRANCH_IS_ROOT",
      why: "it is a root branch",
      hint: isOriginalRoot(branch)
        ? "The project began with it, by whatever name, and the API lets nobody delete that one."
        : "Nothing could bring its data back.",
    };
  }
  if (branch.protected) {
    return {
      reason: "BRANCH_PROTECTED",
      why: "it is protected",
      hint: "If it has to go, take its protection away first, in the API.",
    };
  }
  if (sharedBranches.includes(branch.name)) {
    return {
      reason: "BRANCH_IS_SHARED",
      why: "ds.config.ts declares it as a shared stage",
      hint: "Take it out of `stages` first.",
    };
  }
  const children = branches.filter(({ parentId }) => parentId === branch.id);
  if (children.length === 0) return undefined;
  return {
    reason: "BRANCH_HAS_CHILDREN",
    why: `other branches fork from it (${children.map(({ name }) => name).join(", ")})`,
    hint: "Delete those first.",
  };
}
