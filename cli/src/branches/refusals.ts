import { DsError } from "../errors/ds-error.ts";
import type { Branch } from "../neon/model.ts";
import { type Stage, stageOfBranch } from "../stages/stage.ts";

/** Known from the stage's name alone, before anything is asked of the API. */
export function refuseSharedStage(stage: Stage, action = "reset"): void {
  if (stage.kind === "shared" || stage.protected) {
    throw refusalTo(action, `stage ${stage.name}`, "it is a shared stage, and others work with it");
  }
}

/** What the API says of the branch counts as much as its name: --yes gets past neither. */
export function refuseBranch(
  stage: Stage,
  branch: Branch,
  sharedBranches: string[] = [],
  action = "reset",
): void {
  const refusal = (what: string, why: string) => refusalTo(action, what, why);
  const what = `stage ${stage.name}, branch ${branch.name}`;
  if (branch.name === "main" || branch.default)
    throw refusal(what, "it is the project's main branch");
  if (sharedBranches.includes(branch.name)) {
    throw refusal(what, "ds.config.ts declares the branch as a shared stage");
  }
  if (branch.protected) throw refusal(what, "the branch is protected");
  if (branch.parentId === undefined) throw refusal(what, "it is a root branch");
  if (stageOfBranch(branch.name) === undefined) {
    throw refusal(what, "its name is not one that ds gives to a developer's branch");
  }
}

/** The server's own word for its branch must be the branch that was resolved. */
export function refuseOtherBranch(stage: Stage, branch: Branch, proof: string | undefined): void {
  if (proof === branch.id) return;
  const what = `stage ${stage.name}, branch ${branch.name}`;
  throw refusalTo(
    "changed",
    what,
    proof === undefined
      ? `the server does not say which branch it serves, so it is not proven to be ${branch.id}`
      : `the server says that it serves ${proof}, not ${branch.id}`,
  );
}

/** @param action what is not done to it: a participle */
function refusalTo(action: string, what: string, why: string): DsError {
  return new DsError("REFUSED", `${what} is not ${action}: ${why}. Nothing was changed.`, {
    hint: "This is for your own branches: ds db status shows yours",
  });
}

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
