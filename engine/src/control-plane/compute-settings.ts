import { librariesOf } from "../model/preload-libraries.ts";
import { projectSettings } from "../model/project-settings.ts";
import type { BranchRecord, EndpointRecord, ProjectRecord } from "../model/records.ts";
import { isReservedSetting } from "../postgres/reserved-settings.ts";
import { hasFeature } from "../postgres/version-features.ts";

interface ComputeOwner {
  branch: BranchRecord;
  project: ProjectRecord | undefined;
  endpoint: EndpointRecord | undefined;
  /** Transactions that the branch's data has prepared and not decided. */
  preparedTransactions: number;
}

interface EngineLimits {
  /** How much of its log a branch keeps at most, so that its past can be made again. */
  keptLog: string;
  /** Libraries that this Postgres can load at its start. */
  preloadable: readonly string[];
}

/** Of its log, for replication slots that nobody reads: one that lags further behind is lost, and the disk is not full. */
const keptForSlots = "4GB";

/** Which pages the log changes, for comparisons with other branches. A branch lives for no more than that, or is a parent. */
const summaries = { summarize_wal: "on", wal_summary_keep_time: "30d" };

/**
 * Settings of a branch's Postgres, for its command line.
 */
export function computeSettings(
  { branch, project, endpoint, preparedTransactions }: ComputeOwner,
  { keptLog, preloadable }: EngineLimits,
): Record<string, string> {
  const chosen = Object.fromEntries(
    Object.entries(endpoint?.pgSettings ?? {}).filter(([name]) => !isReservedSetting(name)),
  );
  return {
    wal_keep_size: project?.historyRetentionSeconds === 0 ? "0" : keptLog,
    max_slot_wal_keep_size: keptForSlots,
    ...(publishes(project) && { wal_level: "logical" }),
    ...(project && hasFeature(project.pgVersion, "logSummaries") && summaries),
    ...chosen,
    ...preloaded(preloadLibraries(project, preloadable), chosen),
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

const publishes = (project: ProjectRecord | undefined): boolean =>
  project !== undefined && projectSettings(project).enable_logical_replication;

function preloadLibraries(
  project: ProjectRecord | undefined,
  preloadable: readonly string[],
): string[] {
  const wanted = project ? projectSettings(project).preload_libraries : undefined;
  return librariesOf(wanted).filter((name) => preloadable.includes(name));
}

/** What an endpoint's own settings preload comes beside these. */
function preloaded(
  libraries: string[],
  { shared_preload_libraries: chosen }: Record<string, string>,
): Record<string, string> {
  const all = [...libraries, ...(chosen ? [chosen] : [])];
  return all.length === 0 ? {} : { shared_preload_libraries: all.join(", ") };
}
