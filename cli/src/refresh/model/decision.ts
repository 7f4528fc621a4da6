import type { Mask } from "../../config/define/masks.ts";
import type { Unmasked } from "./plan.ts";

/** What becomes of a column that is copied, and why. */
export interface Decision {
  mask: Mask | undefined;
  /** Where it is not masked. */
  unmasked: Unmasked | undefined;
  /** The rule that decided; of a column that passes the one for all tables that was not meant for it. */
  rule: string | undefined;
  /** The rule means many columns. */
  byPattern?: boolean;
}
