import type { PageRange } from "./page-ranges.ts";

/** Why it cannot be told which pages two branches do not have in common. */
export type PagesUnknown =
  /** Neither is a copy of the other, nor both of a third. */
  | "NO_COMMON_HISTORY"
  /** Something was being written at the fork, and what it was cannot be told. */
  | "OPEN_TRANSACTIONS"
  /** The log since the fork is not, or no longer, summarized. */
  | "LOG_NOT_SUMMARIZED"
  /** One of them has made the database anew since, or calls it otherwise. */
  | "OTHER_DATABASE";

/** Pages of one file of a database that a log has changed since the fork; of files that are not told, none is. */
interface ChangedFile {
  /** As pg_class has it, and 0 for the database's own. */
  tablespace: number;
  filenode: number;
  ranges: PageRange[];
}

export type ChangedPages =
  | {
      /** When the two were last the same. */
      forkedAt: string;
      files: ChangedFile[];
      /** Tables, by their object ids, in which pages that nobody has changed may differ, too. */
      open: number[];
    }
  | { unknown: PagesUnknown };
