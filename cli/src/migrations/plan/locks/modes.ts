/** From the weakest to the strongest; LOCK TABLE's own numbers are the places in this list, from 1. */
export const lockModes = [
  "ACCESS SHARE",
  "ROW SHARE",
  "ROW EXCLUSIVE",
  "SHARE UPDATE EXCLUSIVE",
  "SHARE",
  "SHARE ROW EXCLUSIVE",
  "EXCLUSIVE",
  "ACCESS EXCLUSIVE",
] as const;

export type LockMode = (typeof lockModes)[number];

export interface TableLock {
  /** Quoted as SQL has it: `"public"."a"`. */
  table: string;
  mode: LockMode;
  /** The table of an index that is locked by itself. */
  indexOf?: string;
}

export interface TableEffect {
  kind: "rewrite" | "scan";
  table: string;
  /** Why, and when it does not come to that. */
  reason: string;
}

export interface StatementPlan {
  locks: TableLock[];
  effects: TableEffect[];
  /** It runs code, or drops what any table may have: more may be locked than is said. */
  opaque: boolean;
}

/** What others can no longer do on the table while the lock is held. */
export function blocks(mode: LockMode): string {
  switch (mode) {
    case "ACCESS SHARE":
    case "ROW SHARE":
    case "ROW EXCLUSIVE":
      return "blocks no reads or writes";
    case "SHARE UPDATE EXCLUSIVE":
      return "blocks other schema changes only";
    case "SHARE":
    case "SHARE ROW EXCLUSIVE":
    case "EXCLUSIVE":
      return "blocks writes";
    case "ACCESS EXCLUSIVE":
      return "blocks reads and writes";
  }
}

export const locksOn = (tables: string[], mode: LockMode): TableLock[] =>
  tables.map((table) => ({ table, mode }));
