import { deletionRefusal } from "../branches/deletion-refusal.ts";
import { refuseBranch } from "../branches/refusals.ts";
import { DsError } from "../errors/ds-error.ts";
import { nothingChanged } from "../errors/nothing-changed.ts";
import type { Branch } from "../neon/model.ts";
import type { SharedStages } from "../stages/stage.ts";
import { type CloudStage, stampConflict } from "./cloud-stage.ts";
import { type StageStamp, stampOf } from "./stamp.ts";

const sharedBranches = ({ stages }: Pick<SharedStages, "stages">): string[] =>
  Object.values(stages).flatMap(({ branch }) => branch ?? []);

/** A branch of the same name that is another's, or whose stack is elsewhere, is never joined. */
export function refuseToJoin(
  stage: CloudStage,
  branch: Branch,
  config: Pick<SharedStages, "stages">,
  mine: StageStamp,
): void {
  refuseBranch(stage, branch, sharedBranches(config), "deployed");
  const stamp = stampOf(branch.annotation);
  if (!stamp) return;
  const conflict = stampConflict(stage, stamp);
  if (conflict) {
    throw nothingChanged("CONFLICT", `the branch ${branch.name} is taken: ${conflict}`, {
      reason: "BRANCH_OF_OTHER_STAGE",
      hint: renameHint(stage),
      details: { branch: branch.id, stamp },
    });
  }
  if (stamp.stackBackend && mine.stackBackend && stamp.stackBackend !== mine.stackBackend) {
    throw nothingChanged(
      "CONFLICT",
      `the stack of ${stage.name} is in the backend ${stamp.stackBackend}, and Pulumi uses ${mine.stackBackend}`,
      {
        reason: "STACK_ELSEWHERE",
        hint: "Log in to the one that has it (PULUMI_BACKEND_URL, pulumi login), or take the stage down there first.",
        details: { backend: stamp.stackBackend },
      },
    );
  }
}

/** Nor is it deleted. */
export function refuseToTakeDown(
  stage: CloudStage,
  branch: Branch,
  branches: Branch[],
  config: Pick<SharedStages, "stages">,
): void {
  const shared = sharedBranches(config);
  refuseBranch(stage, branch, shared, "taken down");
  const refusal = deletionRefusal(branch, branches, shared);
  if (refusal) throw refusal;
  const stamp = stampOf(branch.annotation);
  const conflict = stamp && stampConflict(stage, stamp);
  if (!conflict) return;
  throw new DsError(
    "REFUSED",
    `stage ${stage.name}, branch ${branch.name}, is not taken down: ${conflict}`,
    {
      reason: "BRANCH_OF_OTHER_STAGE",
      hint: "See whose it is: ds deploy list",
      details: { stage: stage.name, branch: branch.id, stamp },
    },
  );
}

/** Why a stack that is recorded in one backend cannot be taken down by way of another. */
export const stackElsewhere = (recorded: string, used: string | undefined): DsError =>
  new DsError(
    "REFUSED",
    `its stack is in the backend ${recorded}, and ${used ? `Pulumi uses ${used}` : "ds.config.ts names no infra folder"}`,
    {
      reason: "STACK_ELSEWHERE",
      hint: "Log in to the one that has it (PULUMI_BACKEND_URL, pulumi login).",
      details: { backend: recorded, usedBackend: used ?? null },
    },
  );

const renameHint = ({ gitBranch }: CloudStage) =>
  gitBranch
    ? `Two names that differ only in their signs make one stage. Rename the git branch: git branch -m ${gitBranch} <another-name>`
    : "See whose it is: ds deploy list";
