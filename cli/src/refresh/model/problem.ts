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
  /** A sentence without the subject's name in front where that would repeat it. */
  message: string;
  /** What could be written into the configuration: a line of the section it belongs to. */
  suggestion?: string;
}
