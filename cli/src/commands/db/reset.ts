import type { AppContext } from "../../app-context.ts";
import { plural } from "../../lib/format/plural.ts";
import type { MigrationReport } from "../../migrations/run/report.ts";
import { type ChangeFlags, resetToMain } from "../../restore/io/reset.ts";
import { keptText } from "../../restore/kept-text.ts";

/** Makes a stage's branch equal to main as main is now, keeps its address, applies what is pending. */
export default async function reset(context: AppContext, flags: ChangeFlags): Promise<void> {
  const { target, recoveryPoint, migrations } = await resetToMain(context, flags);
  const { stage, branch, main } = target;
  context.output.result(
    {
      status: "reset",
      stage: stage.name,
      branch: { id: branch.id, name: branch.name },
      source: { id: main.id, name: main.name },
      recoveryPoint: recoveryPoint ?? null,
      migrations,
    },
    [
      `${branch.name} is ${main.name} as it is now${onTop(migrations)}.`,
      "The connection string is the same as before.",
      ...keptText(recoveryPoint),
    ].join("\n"),
  );
}

function onTop({ applied, command, status }: MigrationReport): string {
  if (command !== undefined) return `, and \`${command}\` was run on it`;
  return status === "none" ? "" : `, with ${plural(applied.length, "migration")} applied on top`;
}
