import type { Contents } from "./contents.ts";
export interface Fork {
  /** A directory of pgdata/ that nothing refers to yet. */
  dataDir: string;
  /** The moment whose data the fork has. */
  at: string;
  /** What the source held then; undefined when it slept, so that its record is right. */
  contents?: Contents;
  /** A position in the source's log that is not before the copy; known when the source ran. */
  lsnAfter?: string;
  /** The data is older than the records: passwords may have been changed since. */
  isPast?: boolean;
  /** Where the copied log ends, when that is not where the copy's own log goes on. */
  lsn?: string;
  /** The data directory whose history goes on before the fork. */
  copiedFrom?: string;
  /** Nothing was written to the source while it was copied, nor since it was stopped before. */
  wasAsleep?: boolean;
}
