import type { AppContext } from "../../app-context.ts";
import type { ChangeFlags } from "../../restore/io/reset.ts";
import { undoLastChange } from "../../restore/io/undo.ts";
import { keptText } from "../../restore/kept-text.ts";
import { isMoment } from "../../restore/last-change.ts";
import { changeText } from "../../restore/questions.ts";

/** Brings back what a stage's branch held before its last reset, restore, migrate or undo. */
export default async function undo(context: AppContext, flags: ChangeFlags): Promise<void> {
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
