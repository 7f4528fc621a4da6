import { sqlState } from "../../postgres/sqlstate.ts";

/** Values that were not looked at. */
export interface Unseen {
  /** A table, or a column of one. */
  of: string;
  why: "NOT_READABLE" | "ROW_SECURITY" | "EMPTY" | "TOO_SLOW" | "LOCKED" | "SERVER_ERROR";
  sqlState?: string;
}

/** Why the server did not answer. */
export const whyUnseen = (code: string): Omit<Unseen, "of"> => {
  if (code === sqlState.queryCanceled) return { why: "TOO_SLOW" };
  if (code === sqlState.lockNotAvailable) return { why: "LOCKED" };
  if (code === sqlState.insufficientPrivilege) return { why: "NOT_READABLE" };
  return { why: "SERVER_ERROR", sqlState: code };
};

const reasons: Record<Unseen["why"], string> = {
  NOT_READABLE: "the role may not read",
  ROW_SECURITY: "row security hides rows of",
  EMPTY: "there are none in",
  TOO_SLOW: "it took too long in",
  LOCKED: "somebody else has locked",
  SERVER_ERROR: "the server failed at",
};

const most = 8;

/** One line a reason. */
export function unseenText(unseen: readonly Unseen[], all = false): string[] {
  return Object.entries(reasons).flatMap(([why, reason]) => {
    const names = unseen
      .filter((each) => each.why === why)
      .map(({ of, sqlState }) => (sqlState === undefined ? of : `${of} (SQLSTATE ${sqlState})`));
    if (names.length === 0) return [];
    const shown = all ? names : names.slice(0, most);
    const more = names.length > shown.length ? ` and ${names.length - shown.length} more` : "";
    return [`values: ${reason} ${shown.join(", ")}${more}`];
  });
}
