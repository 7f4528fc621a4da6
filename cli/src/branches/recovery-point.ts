import type { Branch } from "../neon/model.ts";
import { stageOfBranch } from "../stages/stage.ts";
/** What a state was kept before. */
export type RecoveryPointKind = "reset" | "restore" | "undo" | "refresh";

/**
 * Where the state before is kept: `dev-phil-local-before-reset-20261123160512999` (UTC, with milliseconds:
 * two within a second are two, and the later one is known).
 */
export function recoveryPointName(
  branch: string,
  now: Date,
  kind: RecoveryPointKind = "reset",
): string {
  return `${branch}-before-${kind}-${now.toISOString().replace(/\D/g, "").slice(0, 17)}`;
}

/** What the name of a recovery point of this branch tells; undefined for any other name. */
export function parseRecoveryPoint(
  branch: string,
  name: string,
): { kind: RecoveryPointKind; at: Date } | undefined {
  if (!name.startsWith(`${branch}-before-`)) return undefined;
  const rest = name.slice(`${branch}-before-`.length);
  const found = /^(reset|restore|undo|refresh)-(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d{3})$/.exec(
    rest,
  );
  if (!found) return undefined;
  const [, kind, year, month, day, hour, minute, second, ms] = found;
  const at = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}Z`);
  return Number.isNaN(at.getTime()) ? undefined : { kind: kind as RecoveryPointKind, at };
}

/** The branch that a recovery point was kept for, and when; undefined for any other name. */
export function recoveryPointOf(name: string): { branch: string; at: Date } | undefined {
  const cut = name.lastIndexOf("-before-");
  const branch = name.slice(0, Math.max(0, cut));
  const point = parseRecoveryPoint(branch, name);
  return point && stageOfBranch(branch) !== undefined ? { branch, at: point.at } : undefined;
}

/** What is kept of the branch's earlier states. */
export const recoveryPoints = (branch: string, branches: Branch[]): Branch[] =>
  branches.filter((point) => parseRecoveryPoint(branch, point.name) !== undefined);

/** Recovery points of a branch that nothing hangs on and that can go, without the newest. */
export function outdatedRecoveryPoints(
  branch: string,
  branches: Branch[],
  newest: string,
): Branch[] {
  const parents = new Set(branches.map(({ parentId }) => parentId));
  return recoveryPoints(branch, branches).filter(
    (point) => point.name !== newest && !parents.has(point.id) && !isOriginalRoot(point),
  );
}

/** The branch that the project began with, whatever it is called by now: it cannot be deleted. */
export const isOriginalRoot = ({ parentId, lastResetAt }: Branch): boolean =>
  parentId === undefined && lastResetAt === undefined;
