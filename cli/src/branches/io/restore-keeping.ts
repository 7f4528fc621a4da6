import type { HasEngine } from "../../engine/io/daemon.ts";
import { DsError } from "../../errors/ds-error.ts";
import { connectNeon, type Neon } from "../../neon/io/client.ts";
import type { Branch } from "../../neon/model.ts";
import type { PointInTime } from "../../neon/point-in-time.ts";
import { connectPostgres } from "../../postgres/io/connect.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Target } from "../../stages/io/target.ts";
import {
  isOriginalRoot,
  outdatedRecoveryPoints,
  type RecoveryPointKind,
  recoveryPointName,
} from "../recovery-point.ts";
import { refuseOtherBranch } from "../refusals.ts";

export interface RecoveryPoint {
  id: string;
  name: string;
  /** ISO 8601; undefined when it stays until somebody deletes it. */
  expiresAt: string | undefined;
}

const keptFor = 24 * 3_600_000;

/** Connects anew each time it is called: the local engine may have been started again since. */
export type Api = () => Promise<Neon>;

/**
 * An API whose calls Ctrl-C does not cut: whether a restore has happened would be anybody's guess.
 * The interrupt is looked at between the steps instead.
 */
export function uninterruptedApi(context: Pick<Runtime, "env" | "output"> & HasEngine): Api {
  return () => connectNeon({ ...context, signal: new AbortController().signal });
}

/** Asks the server behind the URL which branch it serves, and refuses any other than the target's. */
export async function verifyBranchIdentity({ stage, branch }: Target, url: string): Promise<void> {
  const client = await connectPostgres(url, { what: `branch ${branch.name}` });
  try {
    const { rows } = await client.query("select current_setting('neon.branch_id', true) as id");
    refuseOtherBranch(stage, branch, rows[0]?.id || undefined);
  } finally {
    await client.end();
  }
}

/** Makes the branch equal to main as main is now; see `restoreKeeping`. */
export function restoreFromMain(api: Api, target: Target): Promise<string> {
  return restoreKeeping(api, target, {
    source: { sourceBranchId: target.main.id },
    kind: "reset",
    next: "ds db reset",
    whenDone: "ds db migrate (if it is reset) or ds db reset",
  });
}

export interface Restore {
  source: { sourceBranchId: string; at?: PointInTime };
  /** What this is, for the name of the recovery point. */
  kind: RecoveryPointKind;
  /** The command that tries again. */
  next: string;
  /** What to do where nobody knows whether it has happened. */
  whenDone: string;
}

/**
 * Makes the branch equal to the source; its state until now stays as another branch. When the API
 * fails half-way it is asked what came of it, so that the answer is never "perhaps".
 *
 * @returns name of the branch that holds the state before
 */
export async function restoreKeeping(
  api: Api,
  { project, branch }: Target,
  { source, kind, next, whenDone }: Restore,
): Promise<string> {
  const preserveUnderName = recoveryPointName(branch.name, new Date(), kind);
  const neon = await api();
  try {
    await neon.restoreBranch(project.id, branch.id, { ...source, preserveUnderName });
  } catch (error) {
    const branches = await listAgain(api, project.id);
    if (branches === undefined) throw withOutcome(error, unknownOutcome, whenDone);
    if (!branches.some(({ name }) => name === preserveUnderName)) {
      throw withOutcome(error, `${branch.name} is as it was before`, next);
    }
  }
  return preserveUnderName;
}

/** Gives the new recovery point its end. One that others hang on (branches of before) stays. */
export async function expireRecoveryPoint(
  api: Api,
  projectId: string,
  name: string,
  keptMs = keptFor,
): Promise<RecoveryPoint | undefined> {
  const neon = await api();
  const branches = await neon.listBranches(projectId);
  const point = branches.find((branch) => branch.name === name);
  if (point === undefined) return undefined;
  if (isOriginalRoot(point) || branches.some(({ parentId }) => parentId === point.id)) {
    return { id: point.id, name, expiresAt: undefined };
  }
  const expiresAt = new Date(Date.now() + keptMs).toISOString();
  const { id } = await neon.updateBranch(projectId, point.id, { expiresAt });
  return { id, name, expiresAt };
}

/**
 * One recovery point a branch is enough; returns the names of those removed. After an undo they may hang on
 * each other: what the first go leaves free goes next.
 */
export async function pruneRecoveryPoints(
  api: Api,
  projectId: string,
  branch: string,
  newest: string,
): Promise<string[]> {
  const neon = await api();
  let left = await neon.listBranches(projectId);
  const removed: string[] = [];
  for (;;) {
    const outdated = outdatedRecoveryPoints(branch, left, newest);
    if (outdated.length === 0) return removed;
    for (const { id, name } of outdated) {
      await neon.deleteBranch(projectId, id);
      removed.push(name);
    }
    left = left.filter((each) => !outdated.includes(each));
  }
}

const unknownOutcome =
  "the API cannot be asked whether it happened: the branch is either as before or replaced, never in between";

/** Undefined where the API does not answer. */
async function listAgain(api: Api, projectId: string): Promise<Branch[] | undefined> {
  try {
    return await (await api()).listBranches(projectId);
  } catch {
    return undefined;
  }
}

function withOutcome(error: unknown, outcome: string, next: string): unknown {
  if (!(error instanceof DsError)) return error;
  return error.with({ message: `${error.message}; ${outcome}`, hint: `To go on: ${next}` });
}
