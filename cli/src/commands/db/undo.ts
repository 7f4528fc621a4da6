import type { AppContext } from "../../app-context.ts";
import { DsError } from "../../errors/ds-error.ts";
import { firstOf, listText, momentText } from "../../restore/destruction-text.ts";
import { listDestructions, undoDestruction } from "../../restore/io/destructions.ts";
import type { ChangeFlags } from "../../restore/io/reset.ts";
import { undoLastChange } from "../../restore/io/undo.ts";
import { keptText } from "../../restore/kept-text.ts";
import { isMoment } from "../../restore/last-change.ts";
import { changeText } from "../../restore/questions.ts";

interface UndoFlags extends ChangeFlags {
  toBeforeDestruction: boolean;
  transaction?: string | undefined;
  list: boolean;
}

/** Brings back what a stage's branch held before its last reset, restore, migrate or undo, or before a destruction. */
export default async function undo(context: AppContext, flags: UndoFlags): Promise<void> {
  refuseContradictions(flags);
  if (flags.list) return list(context, flags);
  if (flags.toBeforeDestruction) return beforeDestruction(context, flags);
  const { target, change, recoveryPoint } = await undoLastChange(context, flags);
  const { stage, branch } = target;
  context.output.result(
    {
      status: "undone",
      stage: stage.name,
      branch: { id: branch.id, name: branch.name },
      undone: {
        what: change.what,
        at: change.at.toISOString(),
        ...(isMoment(change) && change.detail !== undefined ? { detail: change.detail } : {}),
      },
      source: isMoment(change)
        ? { at: change.timestamp }
        : { id: change.point.id, name: change.point.name },
      recoveryPoint,
    },
    [
      `${branch.name} is as it was before ${changeText(change, Date.now())}.`,
      "The connection string is the same as before.",
      ...keptText(recoveryPoint),
    ].join("\n"),
  );
}

function refuseContradictions({ toBeforeDestruction, transaction, list, yes }: UndoFlags): void {
  const needs = list ? "--list" : transaction === undefined ? undefined : "--transaction";
  if (needs !== undefined && !toBeforeDestruction) {
    throw new DsError("USAGE", `${needs} goes with --to-before-destruction`, {
      reason: "FLAG_MISSING",
    });
  }
  if (list && (yes || transaction !== undefined)) {
    throw new DsError(
      "USAGE",
      `--list changes nothing: it does not take ${yes ? "--yes" : "--transaction"}`,
    );
  }
  if (transaction !== undefined && !/^[1-9]\d{0,9}$/.test(transaction)) {
    throw new DsError("USAGE", `--transaction takes a number, not "${transaction}"`, {
      hint: "See the numbers: ds db undo --to-before-destruction --list",
    });
  }
}

async function list(context: AppContext, flags: UndoFlags): Promise<void> {
  const { target, found } = await listDestructions(context, flags);
  const { stage, branch } = target;
  context.output.result(
    {
      status: "listed",
      stage: stage.name,
      branch: { id: branch.id, name: branch.name },
      log: { from: found.from, until: found.until, complete: found.complete },
      destructions: found.destructions,
    },
    listText(found, Date.now()),
  );
}

async function beforeDestruction(context: AppContext, flags: UndoFlags): Promise<void> {
  const { target, destruction, recoveryPoint } = await undoDestruction(context, flags);
  const { stage, branch } = target;
  const { at, lsn } = firstOf(destruction);
  context.output.result(
    {
      status: "undone",
      stage: stage.name,
      branch: { id: branch.id, name: branch.name },
      undone: { what: "destruction", at, transactions: destruction.transactions },
      source: { lsn },
      recoveryPoint,
    },
    [
      `${branch.name} is as it was just before ${momentText(at, Date.now())}.`,
      "The connection string is the same as before.",
      ...keptText(recoveryPoint),
    ].join("\n"),
  );
}
