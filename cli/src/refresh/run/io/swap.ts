import type { RecoveryPoint } from "../../../branches/io/restore-keeping.ts";
import type { HasEngine } from "../../../engine/io/daemon.ts";
import { DsError } from "../../../errors/ds-error.ts";
import type { Branch } from "../../../neon/model.ts";
import { type Exchange, swapBranchData } from "../../../restore/io/exchange-data.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { Target } from "../../../stages/io/target.ts";

/** Long enough to find on Monday that Friday's refresh was not what was wanted. */
const keptFor = 7 * 24 * 3_600_000;

/** Of the old mains only the newest stays, and those that branches hang on. */
export const swapMain = (
  context: Pick<Runtime, "env" | "output"> & HasEngine,
  main: Target,
  exchange: Exchange,
): Promise<RecoveryPoint | null> => swapBranchData(context, main, { ...exchange, keptFor });

export function keptMain(main: Pick<Branch, "name">, point: RecoveryPoint | null): string[] {
  if (point === null) return [];
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
