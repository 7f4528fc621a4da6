import type { ErrorCode } from "../errors/ds-error.ts";
import { plural } from "../lib/format/plural.ts";
import { type Removal, removalDocument } from "./outcome.ts";
import { removalText } from "./removal.ts";
import { rowDocument } from "./report.ts";
import type { Judged } from "./verdict.ts";

/** Something that stays: another command is at work on it, or its deletion failed. */
export interface Left {
  id: string;
  name: string;
  code: ErrorCode;
  message: string;
}

/** What became of all that is stale beyond doubt. */
export interface Reconciliation {
  stale: Judged[];
  /** Nothing was to be deleted. */
  dryRun: boolean;
  removals: Removal[];
  left: Left[];
}

/** What another command is at work on is no failure; what could not be deleted is. */
export const failedOnes = ({ left }: Reconciliation): Left[] =>
  left.filter(({ code }) => code !== "LOCKED" && code !== "INTERRUPTED");

export const reconcileDocument = ({ stale, removals, left }: Reconciliation) => ({
  stale: stale.map(rowDocument),
  deleted: removals.map(removalDocument),
  left,
});

export function reconcileText({ stale, dryRun, removals, left }: Reconciliation): string {
  if (stale.length === 0) return "Nothing is stale beyond doubt.";
  if (dryRun) return stale.map((judged) => `would delete ${removalText(judged)}`).join("\n");
  const done = removals.filter(({ is }) => is === "deleted").length;
  return [
    `Deleted ${done} of ${plural(removals.length + left.length, "stale row")}.`,
    ...left.map(({ name, message }) => `${name} stays for now: ${message}`),
  ].join("\n");
}
