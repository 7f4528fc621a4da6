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
  /** Shorter waits are not counted: every lock makes somebody wait for a moment. */
  thresholdMs: number;
}

const shortestNoticeable = 20;

/**
 * How long a wait has to be to count. On a busy machine every query takes its time: what is no longer
 * than twice a slow undisturbed query says nothing about the migration.
 *
 * @param undisturbed milliseconds of queries before the migration began
 */
export function noticeableWait(undisturbed: readonly number[]): number {
  const sorted = [...undisturbed].sort((a, b) => a - b);
  const slow = sorted[Math.floor(sorted.length * 0.95)] ?? 0;
  return Math.max(shortestNoticeable, Math.round(2 * slow));
}
