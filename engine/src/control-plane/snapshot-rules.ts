import { type EngineError, unprocessable } from "../lib/engine-error.ts";
import type { BranchRecord } from "../model/records.ts";
import { anonymizedRestore } from "./anonymization-rules.ts";

/** What a restore from a snapshot needs, as functions of the records; each returns the refusal or undefined. */

export function refuseReplacing(target: BranchRecord): EngineError | undefined {
  if (target.anonymization) return anonymizedRestore();
  return target.protected
    ? unprocessable("BRANCH_PROTECTED", "cannot restore a protected branch")
    : undefined;
}

/** Whether the branch is a restored one that can still take its target's place. */
export function refuseFinalizing({ restore }: BranchRecord): EngineError | undefined {
  if (!restore) return notFromSnapshot();
  return restore.status === "finalized"
    ? unprocessable("RESTORE_ALREADY_FINALIZED", "the restore is already finalized")
    : undefined;
}

export const notFromSnapshot = () =>
  unprocessable(
    "BRANCH_NOT_FROM_SNAPSHOT",
    "the branch is not one that was restored from a snapshot",
  );

export const targetMissing = () =>
  unprocessable(
    "RESTORE_TARGET_MISSING",
    "the branch that it would replace does not exist any more",
  );
