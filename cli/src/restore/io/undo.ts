import { readAgentRun } from "../../branches/io/agent-runs.ts";
import { ownBranch } from "../../branches/io/own-branch.ts";
import { type RecoveryPoint, verifyBranchIdentity } from "../../branches/io/restore-keeping.ts";
import type { HasConfig } from "../../config/project-config.ts";
import type { HasEngine } from "../../engine/io/daemon.ts";
import { DsError } from "../../errors/ds-error.ts";
import { lastMigrate } from "../../migrations/run/io/last-migrate.ts";
import { lastMoments } from "../../migrations/run/io/noted-moments.ts";
import { targetWords } from "../../migrations/run/io/target.ts";
import type { HasNeon } from "../../neon/io/client.ts";
import { outsideHistory } from "../../neon/outside-history.ts";
import { withPostgres } from "../../postgres/io/connect.ts";
import type { HasConfirm } from "../../runtime/io/confirm.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HasDeveloper } from "../../stages/io/developer.ts";
import type { HasStage, HasTarget, Target } from "../../stages/io/target.ts";
import { isMoment, type LastChange, lastChange } from "../last-change.ts";
import { changeText, undoQuestion } from "../questions.ts";
import { type Exchange, keepPoint, swapBranchData } from "./exchange-data.ts";
import type { ChangeFlags } from "./reset.ts";

export interface UndoReport {
  target: Target;
  change: LastChange;
  recoveryPoint: RecoveryPoint | null;
}

type Needs = Runtime &
  HasConfig &
  HasDeveloper &
  HasStage &
  HasTarget &
  HasNeon &
  HasConfirm &
  HasEngine;

/** Brings back what a stage's branch held before its last reset, restore, migrate or undo. */
export async function undoLastChange(context: Needs, flags: ChangeFlags): Promise<UndoReport> {
  const target = await ownBranch(context, flags.target, "changed");
  const { stage, branch } = target;
  const change = await findLastChange(context, target);
  if (change === undefined) throw nothingToUndo(target);

  const described = changeText(change, Date.now());
  context.output.note(
    `stage ${stage.name}, branch ${branch.name} (${branch.id}), to be as before ${described}`,
  );
  const again = `ds db undo --yes${targetWords(flags)}`;
  await context.confirm({
    message: undoQuestion(target, change, Date.now()),
    yes: flags.yes,
    command: again,
  });
  context.signal.throwIfAborted();
  const recoveryPoint = await context.output.step(
    `bring back ${branch.name} as before ${described}`,
    () => bringBack(context, target, change, { again, described }),
  );
  return { target, change, recoveryPoint };
}

async function findLastChange(
  context: Pick<Runtime, "home"> & HasConfig,
  target: Target,
): Promise<LastChange | undefined> {
  const { branch, branches } = target;
  const { schema } = (await context.config()).migrations;
  const url = await target.connectionUrl();
  await verifyBranchIdentity(target, url);
  const noted = await withPostgres(url, { what: `branch ${branch.name}` }, async (client) => {
    const migrated = await lastMigrate(client, schema, branch.id);
    const moments = await lastMoments(client, branch.id);
    // An agent's run may have dropped all that was noted in the database.
    const run = await readAgentRun(context.home, branch);
    if (run) moments.push({ what: "agent", timestamp: run.before });
    return migrated === undefined
      ? moments
      : [...moments, { what: "migrate" as const, timestamp: migrated }];
  });
  return lastChange(branch, branches, noted);
}

async function bringBack(
  context: Needs,
  target: Target,
  change: LastChange,
  { again, described }: { again: string; described: string },
): Promise<RecoveryPoint | null> {
  if (!isMoment(change)) await keepPoint(context, target.project.id, change.point);
  const exchange: Exchange = {
    becomes: `brought back to its state before ${described}`,
    source: sourceOf(target, change),
    kind: "undo",
    keep: (await context.config()).recoveryPoints,
    next: again,
    whenDone: "ds db status",
  };
  return swapBranchData(context, target, exchange).catch((error) => {
    throw isMoment(change) ? outsideHistory(error, change) : error;
  });
}

function sourceOf({ branch }: Target, change: LastChange): Exchange["source"] {
  return isMoment(change)
    ? { sourceBranchId: branch.id, at: { timestamp: change.timestamp } }
    : { sourceBranchId: change.point.id };
}

function nothingToUndo({ stage, branch }: Target): DsError {
  return new DsError(
    "NOT_FOUND",
    `stage ${stage.name}: nothing to undo on branch ${branch.name}: no reset, restore or migrate of it is known, or its recovery point is gone`,
    {
      reason: "NOTHING_TO_UNDO",
      hint: `To go back to a moment since ${branch.lastResetAt ?? branch.createdAt} instead: ds db restore --at <moment>`,
    },
  );
}
