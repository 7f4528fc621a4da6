import { DsError } from "../errors/ds-error.ts";
import type { Branch } from "../neon/model.ts";
import { isOriginalRoot } from "./refusals.ts";

/** A name for a new branch, or USAGE: ids are the API's, and control characters nobody's. */
export function checkBranchName(name: string): string {
  const refuse = (why: string) =>
    new DsError("USAGE", `"${name}" cannot name a branch: ${why}`, {
      hint: "Try letters, digits and hyphens, such as try-new-index.",
    });
  if (name.trim() === "" || name !== name.trim())
    throw refuse("it is empty or has blanks around it");
  if (name.length > 256) throw refuse("it is longer than 256 characters");
  if (/\p{Cc}/u.test(name)) throw refuse("it has control characters in it");
  if (/^br-[a-z0-9]+-[a-z0-9]+-[a-z0-9]+$/.test(name))
    throw refuse("it has the shape of a branch id");
  return name;
}

/** Why the branch may not be deleted, whatever --yes says; undefined when it may. */
export function deletionRefusal(
  branch: Branch,
  branches: Branch[],
  sharedBranches: string[],
): DsError | undefined {
  const refuse = (why: string, hint: string) =>
    new DsError("REFUSED", `the branch ${branch.name} is not deleted: ${why}`, { hint });
  if (branch.default || branch.name === "main") {
    return refuse("it is the project's default branch", "Every other branch forks from it.");
  }
  if (branch.parentId === undefined) {
    return refuse(
      "it is a root branch",
      isOriginalRoot(branch)
        ? "The project began with it, by whatever name, and the API lets nobody delete that one."
        : "Nothing could bring its data back.",
    );
  }
  if (branch.protected) {
    return refuse(
      "it is protected",
      "If it has to go, take its protection away first, in the API.",
    );
  }
  if (sharedBranches.includes(branch.name)) {
    return refuse("ds.config.ts declares it as a shared stage", "Take it out of `stages` first.");
  }
  const children = branches.filter(({ parentId }) => parentId === branch.id);
  if (children.length > 0) {
    return refuse(
      `other branches fork from it (${children.map(({ name }) => name).join(", ")})`,
      "Delete those first.",
    );
  }
  return undefined;
}

/** A branch by its name or id; NOT_FOUND otherwise. */
export function branchNamed(branches: Branch[], name: string, project: string): Branch {
  const found = branches.find((branch) => branch.name === name || branch.id === name);
  if (found) return found;
  throw new DsError("NOT_FOUND", `the project ${project} has no branch "${name}"`, {
    hint: "See which there are: ds db branches",
  });
}
