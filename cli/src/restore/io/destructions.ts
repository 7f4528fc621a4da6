import { ownBranch } from "../../branches/io/own-branch.ts";
import { verifyBranchIdentity } from "../../branches/io/restore-keeping.ts";
import type { HasConfig } from "../../config/project-config.ts";
import type { Destruction, Destructions } from "../../engine/contract.ts";
import type { HasEngine } from "../../engine/io/daemon.ts";
import { destructionsOf } from "../../engine/io/destructions.ts";
import { DsError } from "../../errors/ds-error.ts";
import { targetWords } from "../../migrations/run/io/target.ts";
import type { HasNeon } from "../../neon/io/client.ts";
import { outsideHistory } from "../../neon/outside-history.ts";
import type { HasConfirm } from "../../runtime/io/confirm.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HasDeveloper } from "../../stages/io/developer.ts";
import type { HasStage, HasTarget, Target } from "../../stages/io/target.ts";
import { destructionLines, firstOf, momentText } from "../destruction-text.ts";
import { destructionQuestion } from "../questions.ts";
import { type Exchange, swapBranchData } from "./exchange-data.ts";
import type { ChangeFlags } from "./reset.ts";

type Needs = Runtime &
  HasConfig &
  HasDeveloper &
  HasStage &
  HasTarget &
  HasNeon &
  HasConfirm &
  HasEngine;

/** As many are looked for when one is chosen, or all are listed. */
const mostListed = 50;

/** What was destroyed in a branch of one's own, the last first. */
export async function listDestructions(
  context: Needs,
  flags: Pick<ChangeFlags, "target">,
): Promise<{ target: Target; found: Destructions }> {
  const target = await ownBranch(context, flags.target, "changed");
  return { target, found: await findIn(context, target, mostListed) };
}

export interface DestructionUndo {
  target: Target;
  /** Undone from the first of its transactions on. */
  destruction: Destruction;
  recoveryPoint: Awaited<ReturnType<typeof swapBranchData>>;
}

/**
 * Brings a branch of one's own back to just before something was destroyed in it: the last time, or by the transaction
 * that is named, whatever it was done with.
 */
export async function undoDestruction(
  context: Needs,
  flags: ChangeFlags & { transaction?: string | undefined },
): Promise<DestructionUndo> {
  const target = await ownBranch(context, flags.target, "changed");
  const { stage, branch } = target;
  await verifyBranchIdentity(target, await target.connectionUrl());
  const { transaction } = flags;
  const found = await findIn(context, target, transaction === undefined ? 1 : mostListed);
  const destruction = chosen(target, found, transaction);
  const first = firstOf(destruction);
  const now = Date.now();
  context.output.note(`stage ${stage.name}, branch ${branch.name} (${branch.id}):`);
  for (const line of destructionLines(destruction, now)) context.output.note(line);
  if (transaction === undefined && !found.complete) {
    context.output.note("For earlier ones: ds db undo --to-before-destruction --list");
  }
  const again = `ds db undo --to-before-destruction --transaction ${first.transaction} --yes${targetWords(flags)}`;
  await context.confirm({
    message: destructionQuestion(target, momentText(first.at, now)),
    yes: flags.yes,
    command: again,
  });
  context.signal.throwIfAborted();
  const described = `the destruction of ${momentText(first.at, now)}`;
  const at = { lsn: first.lsn };
  const exchange: Exchange = {
    becomes: `brought back to its state before ${described}`,
    source: { sourceBranchId: branch.id, at },
    kind: "undo",
    keep: (await context.config()).recoveryPoints,
    next: again,
    whenDone: "ds db status",
  };
  const recoveryPoint = await context.output.step(
    `bring back ${branch.name} as before ${described}`,
    () =>
      swapBranchData(context, target, exchange).catch((error) => {
        throw outsideHistory(error, at);
      }),
  );
  return { target, destruction, recoveryPoint };
}

async function findIn(context: Needs, target: Target, limit: number): Promise<Destructions> {
  const { project, branch } = target;
  if (!(await context.neon()).local) throw cloudHasNone();
  const address = await (await context.engine()).ensure();
  context.signal.throwIfAborted();
  return context.output.step(`look for destructions in the log of ${branch.name}`, () =>
    destructionsOf(address, { projectId: project.id, branchId: branch.id, limit }),
  );
}

/** The last one, or what began with the transaction: those before it in the same series stay. */
function chosen(
  { stage, branch }: Target,
  { destructions, from, complete }: Destructions,
  transaction: string | undefined,
): Destruction {
  if (transaction === undefined) {
    const [last] = destructions;
    if (last !== undefined) return last;
    const since = branch.lastResetAt ?? from.at ?? branch.createdAt;
    const sentence = complete
      ? `stage ${stage.name}: the log of branch ${branch.name}, which begins at ${since}, tells of no destruction`
      : `stage ${stage.name}: nothing that was destroyed was found in the last part of the log of branch ${branch.name}`;
    throw new DsError("NOT_FOUND", sentence, {
      reason: "NO_DESTRUCTION",
      hint:
        branch.lastResetAt === undefined
          ? "What is older than a project's history cannot be brought back. To go to a moment: ds db restore --at <moment>"
          : "What was before the last reset, restore or undo comes back with: ds db undo",
    });
  }
  for (const { transactions, since } of destructions) {
    const index = transactions.findIndex((each) => each.transaction === transaction);
    if (index >= 0) return { transactions: transactions.slice(index), since };
  }
  throw new DsError(
    "NOT_FOUND",
    `stage ${stage.name}: no transaction ${transaction} has destroyed anything in branch ${branch.name}`,
    { reason: "NO_DESTRUCTION", hint: "See which have: ds db undo --to-before-destruction --list" },
  );
}

function cloudHasNone(): DsError {
  return new DsError(
    "PREREQUISITE_MISSING",
    "only the local engine can find what was destroyed in a branch: it reads the branch's log, and Neon's API shows none",
    {
      reason: "LOCAL_ENGINE_ONLY",
      hint: "Name the moment yourself: ds db restore --at <moment>",
    },
  );
}
