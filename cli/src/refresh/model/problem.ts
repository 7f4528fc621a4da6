/**
 * Why a plan cannot be carried out. All of them are collected and said at once.
 *
 * - `rules`: the configuration names something that is not there, or contradicts itself
 * - `table`, `column`: nobody said what it is
 * - `skipped`: a column refers to a table that is left out
 * - `reference`: production has types of rows that the rules do not know
 * - `types`: source and target do not fit
 * - `access`: the role does not see everything
 */
export interface Problem {
  kind: "rules" | "table" | "column" | "skipped" | "reference" | "types" | "access";
  /** `users`, `users.email`, or the rule that is wrong. */
  subject: string;
  reason: ProblemReason;
  /** What could be written into the configuration: a line of the section it belongs to. */
  suggestion?: string;
}

/** What exactly is wrong. Tables and columns are named as rules name them; the sentence is in problem-text.ts. */
export type ProblemReason =
  | NameReason
  | TenantReason
  | ReferenceReason
  | ColumnReason
  | (MaskMisfit & {
      /** The rule with a `*` that put the mask there. */
      rule?: string;
    })
  | FitReason
  | SqlReason
  | CheckReason
  | { code: "NOT_READABLE" }
  | { code: "ROW_SECURITY" };

/** Names of the rules. */
type NameReason =
  | { code: "NO_TABLE"; table: string }
  | { code: "NO_COLUMN"; table: string; column: string }
  /** A rule by name or pattern that means nothing that is there. */
  | { code: "NO_SUCH_TABLE" }
  | { code: "NO_SUCH_COLUMN"; table?: string }
  | { code: "NO_SUCH_REFERENCE" }
  | { code: "RULES_CONTRADICT"; of: string };

/** Whose a table's rows are. */
type TenantReason =
  | { code: "NO_TENANT_COLUMN"; column: string; similar: string[] }
  | { code: "NO_SINGLE_PRIMARY_KEY"; table: string }
  | { code: "NOT_UNIQUE"; table: string; column: string }
  | { code: "TENANT_TABLE_NEEDS_NO_RULE" }
  | { code: "COLUMN_MISSING"; column: string }
  /** The column with the tenant column's name refers to another table. */
  | { code: "REFERS_ELSEWHERE"; column: string; other: string; tenant: string }
  | { code: "INCOMPARABLE"; column: string; type: string; tenant: string; tenantType: string }
  /** The tenant is known by columns that may be NULL, and nothing says whose those rows are. */
  | { code: "TENANT_MAY_BE_NULL"; columns: string[] }
  /** Columns that may be NULL are the only way to the tenant. */
  | { code: "ONLY_NULLABLE_PATH"; columns: string[] }
  | { code: "NO_PATH" }
  /** It can be decided once the other table is. */
  | { code: "PARENT_UNDECIDED"; table: string }
  | { code: "HAS_TENANT_COLUMN"; column: string }
  | { code: "VIA_IS_NO_REFERENCE"; via: string; table: string }
  | { code: "VIA_LEADS_ELSEWHERE"; via: string; tables: string[] };

type ReferenceReason =
  | { code: "NOT_A_KEY"; columns: string }
  | { code: "COLUMN_COUNT"; columns: string }
  | { code: "CANNOT_BE_EMPTIED" }
  | { code: "REFERS_TO_SKIPPED"; table: string }
  | { code: "UNKNOWN_TYPES"; types: string[] };

type ColumnReason =
  | { code: "UNCLASSIFIED"; type: string }
  | { code: "TENANT_COLUMN_MASKED"; column: string }
  | { code: "KEEPS_UNSEEN_COLUMNS" }
  | { code: "MASKED_DIFFERENTLY"; column: string };

/** Values that a mask gives, and what rows of the table have to be. */
type CheckReason =
  | { code: "MASK_BREAKS_CHECK"; mask: string; constraint: string; check: string }
  /** Of several columns; `masks` are those of them that are masked: `born: date`. */
  | { code: "MASKS_BREAK_CHECK"; masks: string[]; constraint: string; check: string };

/** Why a mask does not go with its column. */
export type MaskMisfit =
  | { code: "MASK_TYPE"; mask: string; type: string }
  | { code: "MASK_NULL"; mask: string }
  | { code: "MASK_TOO_LONG"; mask: string; needs: number; length: number }
  | { code: "MASK_VALUE"; mask: string; value: string; type: string }
  | { code: "MASK_IN_JSON"; mask: string; path: string }
  | { code: "MASK_NOT_UNIQUE"; mask: string; instead: string }
  | { code: "MASK_TOO_LONG_UNIQUE"; mask: string; needs: number; length: number }
  | { code: "MASK_TOO_FEW_DIGITS"; mask: string; digits: number; type: string };

/** How production and main differ. */
export type FitReason =
  | { code: "MISSING_ON_MAIN" }
  | { code: "REQUIRED_ON_MAIN" }
  | { code: "NOT_NULL_ON_MAIN" }
  | { code: "TYPES_DIFFER"; source: string; target: string }
  | { code: "TYPE_OF_ONE_SERVER"; type: string }
  | { code: "LABELS_MISSING"; type: string; labels: string[] };

/** SQL of the rules that the source cannot carry out, and what it says of it. */
type SqlReason =
  | { code: "MASK_FAILS"; mask: string; rule: string; said: string }
  | { code: "FILTER_FAILS"; said: string };
