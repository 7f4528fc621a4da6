import { withoutUndefined } from "../../lib/without-undefined.ts";
import type { Anonymization, BranchRecord } from "../../model/records.ts";
import { user } from "./account.ts";

/** Schema AnonymizedBranchStatusResponse. */
export function anonymizedStatusResponse(status: { branch: BranchRecord; now: Anonymization }) {
  const { branch, now } = status;
  return withoutUndefined({
    project_id: branch.projectId,
    branch_id: branch.id,
    state: now.state,
    status_message: now.message,
    created_at: now.createdAt,
    updated_at: now.updatedAt,
    failed_at: now.failedAt,
    last_run:
      now.lastRun &&
      withoutUndefined({
        started_at: now.lastRun.startedAt,
        completed_at: now.lastRun.completedAt,
        triggered_by: user.id,
        triggered_by_username: user.name,
        masked_columns: now.lastRun.maskedColumns,
      }),
  });
}
