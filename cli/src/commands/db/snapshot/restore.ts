import type { AppContext } from "../../../app-context.ts";
import type { ChangeFlags } from "../../../restore/io/reset.ts";
import { restoreSnapshot } from "../../../restore/io/restore-snapshot.ts";
import { keptText } from "../../../restore/kept-text.ts";

/** Makes a stage's branch what a snapshot holds; the connection string stays. */
export default async function restore(
  context: AppContext,
  flags: ChangeFlags,
  name: string,
): Promise<void> {
  const { target, snapshot, recoveryPoint } = await restoreSnapshot(context, name, flags);
  const { stage, branch } = target;
  context.output.result(
    {
      status: "restored",
      stage: stage.name,
      branch: { id: branch.id, name: branch.name },
      snapshot: { id: snapshot.id, name: snapshot.name },
      recoveryPoint,
    },
    [
      `${branch.name} is what the snapshot ${snapshot.name} holds.`,
      "The connection string is the same as before.",
      ...keptText(recoveryPoint),
    ].join("\n"),
  );
}
