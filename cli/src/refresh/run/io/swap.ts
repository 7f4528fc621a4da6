import {
  expireRecoveryPoint,
  pruneRecoveryPoints,
  type RecoveryPoint,
  type Restore,
  restoreKeeping,
  uninterruptedApi,
} from "../../../branches/io/restore-keeping.ts";
import type { HasEngine } from "../../../engine/io/daemon.ts";
import { DsError } from "../../../errors/ds-error.ts";
import type { Branch } from "../../../neon/model.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { Target } from "../../../stages/io/target.ts";

/** Long enough to find on Monday that Friday's refresh was not what was wanted. */
const keptFor = 7 * 24 * 3_600_000;

/**
 * Main becomes what another branch is, in one move; what it was stays under a name. Of the old mains only
 * the newest stays, and those that branches hang on.
 *
 * @param release removes the branch that main was built on, which hangs on the old main by then
 */
export async function swapMain(
  context: Pick<Runtime, "env" | "output"> & HasEngine,
  main: Target,
  restore: Restore,
  release: () => Promise<void> = async () => {},
): Promise<RecoveryPoint | undefined> {
  const api = uninterruptedApi(context);
  const name = await restoreKeeping(api, main, restore);
  // It has happened: what follows is order, and no reason to call it failed.
  await release();
  const point = await expireRecoveryPoint(api, main.project.id, name, keptFor).catch(
    (error: DsError) => {
      context.output.warn(`${name} has no end: ${error.message}`);
      return undefined;
    },
  );
  await pruneRecoveryPoints(api, main.project.id, main.branch.name, name).catch(
    (error: DsError) => {
      context.output.warn(`older states of ${main.branch.name} are still there: ${error.message}`);
    },
  );
  return point;
}

export function keptMain(main: Branch, point: RecoveryPoint | undefined): string[] {
  if (point === undefined) return [];
  const howLong = point.expiresAt === undefined ? "" : " until the next refresh, 7 days at most";
  return [
    `The old ${main.name} is kept as ${point.name}${howLong}; to have it back: ds db refresh-staging --undo`,
  ];
}

/** Said before anything else is done, as the API would say it only at the end. */
export function refuseProtected({ branch, project }: Target): void {
  if (!branch.protected) return;
  throw new DsError(
    "REFUSED",
    `${branch.name} of ${project.name} is protected, so nothing may replace its data. Nothing was changed.`,
    {
      reason: "BRANCH_PROTECTED",
      hint: "Take the protection off for the refresh, in the console or with: neon branches set-protected",
    },
  );
}
