import type { AppContext } from "../../app-context.ts";
import { shownPath } from "../../lib/format/shown-path.ts";
import { checkMigrationName } from "../../migrations/generate/generator.ts";
import { rebase } from "../../migrations/generate/io/rebase.ts";

interface Flags {
  onto?: string;
  name?: string;
}

/** After a git merge in which both sides generated a migration: this side's is generated anew. */
export default async function rebaseCommand(context: AppContext, flags: Flags): Promise<void> {
  if (flags.name !== undefined) checkMigrationName(flags.name);
  const config = await context.config();
  const report = await rebase(context, config, { onto: flags.onto, name: flags.name });
  const { onto, removed, generated } = report;
  const folder = shownPath(config.migrations.folder, context.cwd);
  context.output.result(
    { ...report },
    report.status === "unchanged"
      ? `Nothing to do: ${folder} has no migration that ${onto} does not have.`
      : [
          `${removed.join(", ")} became ${generated.join(", ") || "nothing: the code describes no more than that"}, on top of ${onto}.`,
          `Next: git add ${folder}. A branch that has had the old one starts over from main: ds db reset`,
        ].join("\n"),
  );
}
