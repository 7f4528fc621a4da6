import type { HasEngine } from "../../engine/io/daemon.ts";
import { toDsError } from "../../errors/to-ds-error.ts";
import { connectNeon, type Neon } from "../../neon/io/client.ts";
import type { Branch } from "../../neon/model.ts";
import type { PointInTime } from "../../neon/point-in-time.ts";
import { connectPostgres } from "../../postgres/io/connect.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Target } from "../../stages/io/target.ts";
import { withOutcome } from "../outcome.ts";
import {
  endlessPoints,
  isOriginalRoot,
  type RecoveryPointKind,
  recoveryPointName,
  surplusPoints,
} from "../recovery-point.ts";
import { verifySession } from "./verify-session.ts";

export interface RecoveryPoint {
  id: string;
  name: string;
  /** ISO 8601; undefined when it stays until somebody deletes it. */
  expiresAt: string | undefined;
}

/** Connects anew each time it is called: the local engine may have been started again since. */
export type Api = () => Promise<Neon>;

/**
 * An API that goes on after Ctrl-C, for steps that have to be taken once the first one is. The interrupt is looked at
 * before them instead.
 */
export function uninterruptedApi(context: Pick<Runtime, "env" | "output"> & HasEngine): Api {
  return () => connectNeon({ ...context, signal: new AbortController().signal });
}

/** Asks the server behind the URL which branch it serves, and refuses any other than the target's. */
export async function verifyBranchIdentity(target: Target, url: string): Promise<void> {
  const client = await connectPostgres(url, { what: `branch ${target.branch.name}` });
  try {
    await verifySession(client, target);
  } finally {
    await client.end();
  }
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
    const happened = await hasHappened(api, { project, branch }, preserveUnderName);
    if (happened === true) return preserveUnderName;
    const [outcome, hint] =
      happened === undefined ? (["unknown", whenDone] as const) : (["unchanged", next] as const);
    throw withOutcome(toDsError(error), outcome, branch.name).with({ hint: `To go on: ${hint}` });
  }
  return preserveUnderName;
}

/** Undefined where the API cannot be asked, or is still at it. */
async function hasHappened(
  api: Api,
  { project, branch }: Pick<Target, "project" | "branch">,
  keptName: string,
): Promise<boolean | undefined> {
  try {
    const branches = await (await api()).listBranches(project.id);
    if (branches.some(({ name }) => name === keptName)) return true;
    return branches.some(({ id, state }) => id === branch.id && state === "init")
      ? undefined
      : false;
  } catch {
    return undefined;
  }
}

/** Gives the new recovery point its end. One that others hang on (branches of before) stays. */
export async function expireRecoveryPoint(
  api: Api,
  projectId: string,
  name: string,
  keptMs: number,
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
 * Deletes the branch's recovery points beyond `keep`, and gives an end to every one in the project that
 * nothing forks from any more.
 *
 * @returns the recovery points that were deleted
 */
export async function settleRecoveryPoints(
  api: Api,
  projectId: string,
  branch: string,
  keep: number,
): Promise<Branch[]> {
  const neon = await api();
  const removed: Branch[] = [];
  let left = await neon.listBranches(projectId);
  for (;;) {
    const surplus = surplusPoints(branch, left, keep);
    if (surplus.length === 0) break;
    for (const point of surplus) {
      await neon.deleteBranch(projectId, point.id);
      removed.push(point);
    }
    left = left.filter((each) => !surplus.includes(each));
  }
  for (const { point, keptMs } of endlessPoints(left)) {
    const expiresAt = new Date(Date.now() + keptMs).toISOString();
    await neon.updateBranch(projectId, point.id, { expiresAt });
  }
  return removed;
}
