import type { AppContext } from "../../app-context.ts";
import { DsError } from "../../errors/ds-error.ts";
import type { ChangeFlags } from "../../restore/io/reset.ts";
import { restoreToMoment } from "../../restore/io/restore.ts";
import { keptText } from "../../restore/kept-text.ts";

interface Flags extends ChangeFlags {
  at?: string;
}

/** Brings a stage's branch back to an earlier moment of itself, and keeps its address. */
export default async function restore(context: AppContext, flags: Flags): Promise<void> {
  if (flags.at === undefined) {
    throw new DsError("USAGE", "--at is missing: the moment to go back to", {
      reason: "FLAG_MISSING",
      hint: 'For example: ds db restore --at "10 minutes ago"',
    });
  }
  const { target, at, then, recoveryPoint } = await restoreToMoment(context, flags.at, flags);
  const { stage, branch } = target;
  context.output.result(
    {
      status: "restored",
      stage: stage.name,
      branch: { id: branch.id, name: branch.name },
      at,
      recoveryPoint,
    },
    [
      `${branch.name} is as it was at ${then}.`,
      "The connection string is the same as before.",
      ...keptText(recoveryPoint),
    ].join("\n"),
  );
}
