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
export const recoveryPointOf = (name: string): HeldState | undefined => heldState({ name }, []);

/** What a recovery point holds: the branch's state from before a change. */
export interface HeldState {
  branch: string;
  kind: RecoveryPointKind;
  at: Date;
}

/** What a recovery point was kept for, where the branch is there or has a stage's name; undefined for any other branch. */
export function heldState(
  point: Pick<Branch, "name">,
  branches: readonly Pick<Branch, "name">[],
): HeldState | undefined {
  const branch = point.name.slice(0, Math.max(0, point.name.lastIndexOf("-before-")));
  const parsed = parseRecoveryPoint(branch, point.name);
  const isKnown =
    stageOfBranch(branch) !== undefined || branches.some(({ name }) => name === branch);
  return parsed && isKnown ? { branch, ...parsed } : undefined;
}

/** `before reset, 14:13`, in local time; the date when that is not today. */
export function heldStateText(kind: RecoveryPointKind, at: Date, now: Date): string {
  const time = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const isToday = at.toDateString() === now.toDateString();
  const day = at.toLocaleDateString("en-GB", { day: "numeric", month: "short" });
  return `before ${kind}, ${isToday ? time : day}`;
}

/** What is kept of the branch's earlier states. */
export const recoveryPoints = (branch: string, branches: Branch[]): Branch[] =>
  branches.filter((point) => parseRecoveryPoint(branch, point.name) !== undefined);

/**
 * Recovery points of a branch beyond `keep`. Those that other branches fork from wait until these are gone.
 */
export function surplusPoints(branch: string, branches: Branch[], keep: number): Branch[] {
  const timeOf = ({ name }: Branch) => parseRecoveryPoint(branch, name)?.at.getTime() ?? 0;
  const newestFirst = recoveryPoints(branch, branches).sort((a, b) => timeOf(b) - timeOf(a));
  return newestFirst.slice(keep).filter((point) => canGo(point, branches));
}

/** Recovery points of any branch that stay for ever, though nothing forks from them (any more). */
export const endlessPoints = (branches: Branch[]): { point: Branch; keptMs: number }[] =>
  branches.flatMap((point) => {
    const state = heldState(point, branches);
    const isEndless = point.expiresAt === undefined && canGo(point, branches);
    return state && isEndless ? [{ point, keptMs: keptFor(state.kind) }] : [];
  });

/** How long a state from before a change is kept, in milliseconds. */
export const keptFor = (kind: RecoveryPointKind): number => (kind === "refresh" ? 7 : 1) * day;

const day = 24 * 3_600_000;

const canGo = (point: Branch, branches: Branch[]): boolean =>
  !isOriginalRoot(point) && !branches.some(({ parentId }) => parentId === point.id);

/** The branch that the project began with, whatever it is called by now: it cannot be deleted. */
export const isOriginalRoot = ({ parentId, lastResetAt }: Branch): boolean =>
  parentId === undefined && lastResetAt === undefined;
