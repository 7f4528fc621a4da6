import type { Severity } from "../model/severity.ts";

/**
 * A look at the rows that settles a finding. The query runs read-only, with time limits, on the branch that the migration
 * is for.
 */
export interface Probe {
  /** Gives one row: `found`, a count, and `examples`, keys of a few such rows as text (or null). */
  sql: string;
  /** Whose rows it looks at, as the statement has them: where they change before, it proves nothing. */
  tables: readonly string[];
  /** What it has found, for a sentence: `3 rows in which "email" is null`. */
  found(count: number): string;
  /** The finding's severity then. */
  ifFound: Severity;
  /** And where there is none; undefined: there is no finding. */
  ifNone: Severity | undefined;
}

/** What became of a probe. */
export type ProbeResult =
  | { kind: "found"; count: number; examples: string[] }
  | { kind: "not-tried"; because: string };
