/** A table of a database. */
export interface TableName {
  database: string;
  schema: string;
  table: string;
}

/** Of a table; null where nobody counted them, `atLeast` where they were counted no further. */
export interface RowCount {
  rows: number | null;
  atLeast?: true;
}

type TableLossKind =
  | "table-dropped"
  | "table-truncated"
  /** One transaction deleted or updated every row that the table had. */
  | "all-rows-deleted"
  | "all-rows-updated";

/** What a transaction took away. */
export type Loss =
  | { kind: "database-dropped"; database: string }
  | { kind: "schema-dropped"; database: string; schema: string }
  | ({ kind: TableLossKind } & TableName & RowCount)
  | ({ kind: "column-dropped"; column: string } & TableName & RowCount)
  /** Constraints, indexes, views, types or the like: no destruction, unless right before one, as a part of what a tool did. */
  | { kind: "definitions-dropped"; database: string };

export interface DestructiveTransaction {
  /** Its number (xid). */
  transaction: string;
  /** When it was committed: RFC 3339 with microseconds, in UTC. */
  at: string;
  /** The position in the log that is just before: restored to it, the branch has all of before and nothing of this. */
  lsn: string;
  losses: Loss[];
}

/** Transactions that destroyed something, one right after the other, as by one command; oldest first. */
export interface Destruction {
  transactions: DestructiveTransaction[];
  /** What was written since the first of them, and has no place in the state before. */
  since: {
    rows: (TableName & { inserted: number; updated: number; deleted: number })[];
    tablesCreated: TableName[];
  };
}

/** Answer of `GET /engine/projects/{project}/branches/{branch}/destructions`. */
export interface Destructions {
  /** Where the log begins that was read: nothing is known of before. `at` is when its first transaction ended. */
  from: { lsn: string; at: string | null };
  until: { lsn: string };
  /** False where there are older ones that were not looked at. */
  complete: boolean;
  /** The last first. */
  destructions: Destruction[];
}
