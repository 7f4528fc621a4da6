import type { TableRule } from "../../config/define/refresh.ts";
import type { TableClass, Unmasked } from "../model/plan.ts";
import type { Problem } from "../model/problem.ts";

/** A rule that fits, and does not count. */
export interface PassedOver {
  rule: string;
  /** What it says: code of a mask, or a table's rule. */
  says: string;
  /**
   * - `LESS_EXACT`: another one names the thing more exactly
   * - `AS_EXACT`: it comes to the same
   * - `NOT_MEANT`: the column needs no rule, and the pattern is none for such columns or for its type
   * - `SAYS_WHOSE`: the column or table says whose a row is
   * - `REFERENCE`: the column has what the one has that it refers to
   */
  because: "LESS_EXACT" | "AS_EXACT" | "NOT_MEANT" | "SAYS_WHOSE" | "REFERENCE";
}

/**
 * By what `--init` proposes a mask; it looks at values as well, which an explanation does not.
 *
 * - `NOT_NEEDED`: nothing personal is expected of the type and name; `KEY`: of a key or a reference
 * - `REFERENCE`: by what it refers to
 * - `ALLOWED_VALUES`: by the only values that there can be
 * - `NAME`, `TYPE`: by the column's name or type
 * - `NO_MASK`: none fits
 */
export type Sign =
  | "NOT_NEEDED"
  | "KEY"
  | "REFERENCE"
  | "ALLOWED_VALUES"
  | "NAME"
  | "TYPE"
  | "NO_MASK";

interface Explained {
  path: string;
  /** Why the table has its class: a rule, `else`, that it is a ledger, or its way to the organization. */
  table: {
    name: string;
    class: TableClass | undefined;
    rule: string | undefined;
    by: "rule" | "else" | "ledger" | "path" | undefined;
    way: string[];
  };
  passedOver: PassedOver[];
  /** What stops the refresh. */
  problems: Problem[];
}

export type Explanation = Explained &
  (
    | {
        kind: "column";
        type: string;
        /** Code of the mask; undefined where it is not masked, or not copied. */
        mask: string | undefined;
        unmasked: Unmasked | undefined;
        /** It is copied. */
        copied: boolean;
        rule: string | undefined;
        proposed: { code: string | undefined; by: Sign };
      }
    | {
        kind: "table";
        /** The rule that `--init` would write; undefined: none is needed. */
        proposed: { rule: TableRule | undefined; because: Problem | undefined };
      }
  );
