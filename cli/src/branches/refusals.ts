import type { DsError } from "../errors/ds-error.ts";
import type { ErrorReason } from "../errors/error-reason.ts";
import { nothingChanged } from "../errors/nothing-changed.ts";
import type { Branch } from "../neon/model.ts";
import { ownerNoteOf, ownerOfBranch } from "../stages/owner-note.ts";
import { type Stage, stageOfBranch } from "../stages/stage.ts";
import { parseEphemeralName } from "./ephemeral-name.ts";
import { recoveryPointOf } from "./recovery-point.ts";

/** Known from the stage's name alone, before anything is asked of the API. */
export function refuseSharedStage(stage: Stage, action = "reset"): void {
  if (stage.kind === "shared" || stage.protected) {
    throw refusalTo(action, `stage ${stage.name}`, {
      reason: "STAGE_IS_SHARED",
      why: "it is a shared stage, and others work with it",
    });
  }
}

/** What the API says of the branch counts as much as its name: --yes gets past neither. */
export function refuseBranch(
  stage: Stage,
  branch: Branch,
  sharedBranches: string[] = [],
  action = "reset",
  developer?: string,
): void {
  const refusal = changeRefusal(branch, sharedBranches, developer);
  if (refusal) throw refusalTo(action, `stage ${stage.name}, branch ${branch.name}`, refusal);
}

/** A stage that is named on the command line may be another developer's, whose data nobody else exchanges. */
export function refuseOthersStage(
  stage: Stage,
  branch: Branch,
  { developer, action }: { developer: string; action: string },
): void {
  const owner = stageOfBranch(branch.name);
  if (owner === undefined || owner.startsWith(`${developer}-`)) return;
  throw refusalTo(action, `stage ${stage.name}, branch ${branch.name}`, {
    reason: "NOT_OWN_BRANCH",
    why: `it is another developer's (you are ${developer} here)`,
  });
}

/** Whose branches somebody may put a checkout on, rename or protect. */
export interface Oneself {
  developer: string;
  /** On the engine of this machine what nobody's name is on is one's own. */
  isLocal: boolean;
  sharedBranches: readonly string[];
}

/** For what is done to one's own branches alone: neither to what is shared, nor to other developers'. */
export function refuseOthersBranch(branch: Branch, oneself: Oneself, action: string): void {
  const refusal = othersRefusal(branch, oneself);
  if (refusal) throw refusalTo(action, `the branch ${branch.name}`, refusal);
}

function othersRefusal(
  branch: Branch,
  { developer, isLocal, sharedBranches }: Oneself,
): Refusal | undefined {
  const notOwn = (why: string): Refusal => ({ reason: "NOT_OWN_BRANCH", why });
  if (recoveryPointOf(branch.name)) return notOwn("it is a recovery point");
  if (parseEphemeralName(branch.name)) return notOwn("a command of ds made it for itself");
  const shared = sharedRefusal(branch, sharedBranches);
  if (shared) return shared;
  const owner = ownerOfBranch(branch);
  if (owner !== undefined) return owner === developer ? undefined : notOwn(`it is ${owner}'s`);
  const stage = stageOfBranch(branch.name);
  if (stage !== undefined && !stage.startsWith(`${developer}-`)) {
    return notOwn("it is another developer's");
  }
  return stage !== undefined || isLocal ? undefined : notOwn("nothing says that it is yours");
}

interface Refusal {
  reason: ErrorReason;
  why: string;
}

function changeRefusal(
  branch: Branch,
  sharedBranches: string[],
  developer: string | undefined,
): Refusal | undefined {
  const shared = sharedRefusal(branch, sharedBranches);
  if (shared || stageOfBranch(branch.name) !== undefined) return shared;
  const made = ownerNoteOf(branch.annotation);
  if (made === undefined) {
    return {
      reason: "NOT_OWN_BRANCH",
      why: "its name is not one that ds gives to a developer's branch, and ds did not make it",
    };
  }
  if (made.owner === developer) return undefined;
  return { reason: "NOT_OWN_BRANCH", why: `it is ${made.owner}'s` };
}

function sharedRefusal(branch: Branch, sharedBranches: readonly string[]): Refusal | undefined {
  if (branch.name === "main" || branch.default) {
    return { reason: "BRANCH_IS_DEFAULT", why: "it is the project's main branch" };
  }
  if (sharedBranches.includes(branch.name)) {
    return {
      reason: "BRANCH_IS_SHARED",
      why: "ds.config.ts declares the branch as a shared stage",
    };
  }
  if (branch.protected) return { reason: "BRANCH_PROTECTED", why: "the branch is protected" };
  if (branch.parentId === undefined) {
    return { reason: "BRANCH_IS_ROOT", why: "it is a root branch" };
  }
  return undefined;
}

/** The server's own word for its branch must be the branch that was resolved. */
export function refuseOtherBranch(stage: Stage, branch: Branch, proof: string | undefined): void {
  if (proof === branch.id) return;
  const why =
    proof === undefined
      ? `the server does not say which branch it serves, so it is not proven to be ${branch.id}`
      : `the server says that it serves ${proof}, not ${branch.id}`;
  const what = `stage ${stage.name}, branch ${branch.name}`;
  throw refusalTo("changed", what, { reason: "BRANCH_UNPROVEN", why }).with({
    hint: "See what answers at its address: ds doctor",
  });
}

/** @param action what is not done to it: a participle */
function refusalTo(action: string, what: string, { reason, why }: Refusal): DsError {
  return nothingChanged("REFUSED", `${what} is not ${action}: ${why}`, {
    reason,
    hint: `Only your own branches can be ${action}. See which there are: ds db branches`,
  });
}
