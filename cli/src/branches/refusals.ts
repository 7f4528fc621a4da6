import { DsError } from "../errors/ds-error.ts";
import type { Branch } from "../neon/model.ts";
import { type Stage, stageOfBranch } from "../stages/stage.ts";
import { isOriginalRoot } from "./recovery-point.ts";

/** Known from the stage's name alone, before anything is asked of the API. */
export function refuseSharedStage(stage: Stage, action = "reset"): void {
  if (stage.kind === "shared" || stage.protected) {
    throw refusalTo(action, `stage ${stage.name}`, "it is a shared stage, and others work with it");
  }
}

/** What the API says of the branch counts as much as its name: --yes gets past neither. */
export function refuseBranch(
  stage: Stage,
  branch: Branch,
  sharedBranches: string[] = [],
  action = "reset",
): void {
  const refusal = (what: string, why: string) => refusalTo(action, what, why);
  const what = `stage ${stage.name}, branch ${branch.name}`;
  if (branch.name === "main" || branch.default)
    throw refusal(what, "it is the project's main branch");
  if (sharedBranches.includes(branch.name)) {
    throw refusal(what, "ds.config.ts declares the branch as a shared stage");
  }
  if (branch.protected) throw refusal(what, "the branch is protected");
  if (branch.parentId === undefined) throw refusal(what, "it is a root branch");
  if (stageOfBranch(branch.name) === undefined) {
    throw refusal(what, "its name is not one that ds gives to a developer's branch");
  }
}

/** The server's own word for its branch must be the branch that was resolved. */
export function refuseOtherBranch(stage: Stage, branch: Branch, proof: string | undefined): void {
  if (proof === branch.id) return;
  const what = `stage ${stage.name}, branch ${branch.name}`;
  throw refusalTo(
    "changed",
    what,
    proof === undefined
      ? `the server does not say which branch it serves, so it is not proven to be ${branch.id}`
      : `the server says that it serves ${proof}, not ${branch.id}`,
  );
}

/** @param action what is not done to it: a participle */
function refusalTo(action: string, what: string, why: string): DsError {
  return new DsError("REFUSED", `${what} is not ${action}: ${why}. Nothing was changed.`, {
    hint: "This is for your own branches: ds db status shows yours",
  });
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
