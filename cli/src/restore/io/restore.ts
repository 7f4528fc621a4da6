import { ownBranch } from "../../branches/io/own-branch.ts";
import { type RecoveryPoint, verifyBranchIdentity } from "../../branches/io/restore-keeping.ts";
import type { HasConfig } from "../../config/project-config.ts";
import type { HasEngine } from "../../engine/io/daemon.ts";
import { DsError } from "../../errors/ds-error.ts";
import { targetWords } from "../../migrations/run/io/target.ts";
import { outsideHistory } from "../../neon/outside-history.ts";
import { describeMoment, type PointInTime, parseMoment } from "../../neon/point-in-time.ts";
import type { HasConfirm } from "../../runtime/io/confirm.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HasDeveloper } from "../../stages/io/developer.ts";
import type { HasStage, HasTarget, Target } from "../../stages/io/target.ts";
import { lastChange } from "../last-change.ts";
import { restoreQuestion } from "../questions.ts";
import { swapBranchData } from "./exchange-data.ts";
import type { ChangeFlags } from "./reset.ts";

export interface RestoreReport {
  target: Target;
  at: PointInTime;
  /** The moment, for people. */
  then: string;
  recoveryPoint: RecoveryPoint | null;
}

/** Brings a stage's branch back to an earlier moment of itself, and keeps its address. */
export async function restoreToMoment(
  context: Runtime & HasConfig & HasDeveloper & HasStage & HasTarget & HasConfirm & HasEngine,
  when: string,
  flags: ChangeFlags,
): Promise<RestoreReport> {
  const at = parseMoment(when, new Date());
  const target = await ownBranch(context, flags.target, "restored");
  const { stage, branch } = target;
  refuseBeforeReset(target, at);
  const url = await target.connectionUrl();
  const then = describeMoment(at, new Date());
  context.output.note(
    `stage ${stage.name}, branch ${branch.name} (${branch.id}), to be restored to ${then}`,
  );
  const again = `ds db restore --at "${when}" --yes${targetWords(flags)}`;
  await context.confirm({
    message: restoreQuestion(target, then),
    yes: flags.yes,
    command: again,
  });
  await verifyBranchIdentity(target, url);
  const keep = (await context.config()).recoveryPoints;
  context.signal.throwIfAborted();

  const recoveryPoint = await context.output.step(`restore ${branch.name} to ${then}`, () =>
    swapBranchData(context, target, {
      source: { sourceBranchId: branch.id, at },
      becomes: `restored to ${then}`,
      kind: "restore",
      keep,
      next: again,
      whenDone: "ds db status",
    }).catch((error) => {
      throw outsideHistory(error, at);
    }),
  );
  return { target, at, then, recoveryPoint };
}

/** The branch has other data since; asking for that moment, a person means the data it had then. */
function refuseBeforeReset({ stage, branch, branches }: Target, at: PointInTime): void {
  const { lastResetAt } = branch;
  if (lastResetAt === undefined || "lsn" in at) return;
  if (Date.parse(at.timestamp) >= Date.parse(lastResetAt)) return;
  throw new DsError(
    "NOT_FOUND",
    `stage ${stage.name}: the history of branch ${branch.name} begins with its last reset or restore, at ${lastResetAt}`,
    {
      reason: "OUTSIDE_HISTORY",
      hint:
        lastChange(branch, branches) === undefined
          ? "What was before that is gone. Name a later moment."
          : "`ds db undo` brings back what was before that.",
    },
  );
}
