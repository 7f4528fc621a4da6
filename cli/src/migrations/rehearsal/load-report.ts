/** A query of the load that waited for a lock while a statement of a migration ran. */
export interface BlockedQuery {
  table: string;
  kind: "read" | "write";
  waitedMs: number;
  /** The statement that ran: its migration, and the line that it begins at. */
  migration: string;
  line: number;
}

export interface LoadReport {
  /** Tables that were read and written meanwhile. */
  tables: string[];
  /** Tables that would have been too many, or that the role may not read. */
  leftOut: string[];
  queries: number;
  blocked: BlockedQuery[];
  longestWaitMs: number;
  deadlocks: number;
  /** Shorter waits behind statements that work on no rows are not counted: every lock takes a moment. */
  thresholdMs: number;
}

/** For statements that read or write rows under their locks: these grow with the table. */
const shortestNoticeable = 5;
/** For all others, whose locks only take their own statement's moment. */
const shortestUnexpected = 50;

/**
 * How long a wait behind a statement has to be to count, in milliseconds. On a busy machine everything
 * takes its time: what is no longer than twice a slow undisturbed query says nothing about a statement
 * that only changes the catalog.
 *
 * @param undisturbed milliseconds of queries before the migration began
 */
export function noticeableWait(
  undisturbed: readonly number[],
): (statement: { worksOnRows: boolean }) => number {
  const sorted = [...undisturbed].sort((a, b) => a - b);
  const slow = sorted[Math.floor(sorted.length * 0.95)] ?? 0;
  const unexpected = Math.max(shortestUnexpected, Math.round(2 * slow));
  return ({ worksOnRows }) => (worksOnRows ? shortestNoticeable : unexpected);
}
