import type { BranchRecord, EndpointRecord, ProjectRecord } from "../model/records.ts";
import { isReservedSetting } from "../postgres/reserved-settings.ts";

interface ComputeOwner {
  branch: BranchRecord;
  project: ProjectRecord | undefined;
  endpoint: EndpointRecord | undefined;
  /** Transactions that the branch's data has prepared and not decided. */
  preparedTransactions: number;
}

/**
 * Settings of a branch's Postgres, for its command line.
 *
 * @param keptLog how much of its log a branch keeps at most, so that its past can be made again
 */
export function computeSettings(
  { branch, project, endpoint, preparedTransactions }: ComputeOwner,
  keptLog: string,
): Record<string, string> {
  const chosen = Object.fromEntries(
    Object.entries(endpoint?.pgSettings ?? {}).filter(([name]) => !isReservedSetting(name)),
  );
  return {
    wal_keep_size: project?.historyRetentionSeconds === 0 ? "0" : keptLog,
    ...chosen,
    ...roomForPrepared(preparedTransactions, chosen),
    "neon.branch_id": branch.id,
    "neon.project_id": branch.projectId,
    "neon.endpoint_id": endpoint?.id ?? "",
  };
}

/**
 * A copy has its source's prepared transactions, which Postgres does not start without room for; and
 * the endpoint that it is given need not have the source's settings.
 */
function roomForPrepared(
  prepared: number,
  { max_prepared_transactions: chosen }: Record<string, string>,
): Record<string, string> {
  const room = Math.max(prepared, Number(chosen ?? 0));
  return prepared === 0 ? {} : { max_prepared_transactions: String(room) };
}
