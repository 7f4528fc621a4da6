import { ago } from "../lib/format/ago.ts";
import { formatBytes } from "../lib/format/bytes.ts";
import type { Branch } from "../neon/model.ts";
import type { Stage } from "../stages/stage.ts";
import { isMoment, type LastChange } from "./last-change.ts";

// What a person is asked before a branch's data is exchanged.

interface Subject {
  stage: Stage;
  branch: Branch;
  main: Branch;
}

export function resetQuestion({ stage, branch, main }: Subject, now: number): string {
  const since = ago(branch.lastResetAt ?? branch.createdAt, now);
  return (
    `Reset stage ${stage.name} (branch ${branch.name}${sizeOf(branch)}) to ${main.name} as it is now? ` +
    `What was written to it since it was ${branch.lastResetAt ? "reset" : "created"} (${since}) is lost ` +
    "(a recovery point keeps it for 24 hours), and its open sessions are dropped."
  );
}

/** @param then the moment, for people */
export function restoreQuestion({ stage, branch }: Subject, then: string): string {
  return (
    `Restore stage ${stage.name} (branch ${branch.name}${sizeOf(branch)}) to ${then}? ` +
    "What was written to it since is lost (a recovery point keeps it), and its open sessions are dropped."
  );
}

export function undoQuestion({ stage, branch }: Subject, change: LastChange, now: number): string {
  const back = isMoment(change)
    ? "what the branch held just before it"
    : `what is kept as ${change.point.name}${sizeOf(change.point)}`;
  return (
    `Undo ${changeText(change, now)} on stage ${stage.name} (branch ${branch.name}${sizeOf(branch)})? ` +
    `It brings back ${back}. What was written since is lost (a recovery point keeps it, and undo ` +
    "brings it back), and open sessions are dropped."
  );
}

/** @param moment of the first destruction that is undone, for people */
export function destructionQuestion({ stage, branch }: Subject, moment: string): string {
  return (
    `Bring back stage ${stage.name} (branch ${branch.name}${sizeOf(branch)}) as it was just before ${moment}? ` +
    "What was written since is lost (a recovery point keeps it, and undo brings it back), and open sessions are dropped."
  );
}

export function changeText(change: LastChange, now: number): string {
  const { at } = change;
  const when = `${at.toISOString()} (${ago(at.toISOString(), now)})`;
  const detail = isMoment(change) && change.detail !== undefined ? ` (${change.detail})` : "";
  return `the ${words[change.what]}${detail} of ${when}`;
}

const words = {
  reset: "reset",
  restore: "restore",
  undo: "undo",
  refresh: "refresh",
  migrate: "migrate",
  statement: "statement",
  agent: "agent's run",
} as const satisfies Record<LastChange["what"], string>;

const sizeOf = ({ logicalSizeBytes: size }: Branch): string =>
  size === undefined ? "" : `, ${formatBytes(size)}`;
