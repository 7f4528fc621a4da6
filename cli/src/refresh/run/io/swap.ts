import type { RecoveryPoint } from "../../../branches/io/restore-keeping.ts";
import { keptFor } from "../../../branches/recovery-point.ts";
import type { HasEngine } from "../../../engine/io/daemon.ts";
import { nothingChanged } from "../../../errors/nothing-changed.ts";
import { type Exchange, swapBranchData } from "../../../restore/io/exchange-data.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { Target } from "../../../stages/io/target.ts";

/** An old main is a whole database, so that one is kept, and those that branches fork from. */
export const swapMain = (
  context: Pick<Runtime, "env" | "output"> & HasEngine,
  main: Target,
  exchange: Omit<Exchange, "keep">,
): Promise<RecoveryPoint | null> =>
  // Long enough to find on Monday that Friday's refresh was not what was wanted, also after an undo.
  swapBranchData(context, main, { ...exchange, keep: 1, keptMs: keptFor("refresh") });

/** Said before anything else is done, as the API would say it only at the end. */
export function refuseProtected({ branch, project }: Target): void {
  if (!branch.protected) return;
  throw nothingChanged(
    "REFUSED",
    `${branch.name} of ${project.name} is protected, so nothing may replace its data`,
    {
      reason: "BRANCH_PROTECTED",
      hint: "Take the protection off for the refresh, in the console or with: neon branches set-protected",
    },
  );
}
