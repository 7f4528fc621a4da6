import { plural } from "../../../lib/format/plural.ts";
import type { MigrationReport } from "../report.ts";
import type { MigrationRun } from "./migration-run.ts";

/**
 * Notes how far the run has come, for whoever quits in the middle of it.
 *
 * @param running name of the migration that is about to be run
 */
export function noteProgress(
  { changes, migrations }: Pick<MigrationRun, "changes" | "migrations">,
  { applied, pending }: Pick<MigrationReport, "applied" | "pending">,
  running?: string,
): void {
  const all = plural(applied.length + pending.length, "migration");
  const done = `${applied.length} of ${all} ${applied.length === 1 ? "was" : "were"} applied`;
  if (running === undefined) changes.set(migrations, done);
  else changes.set(migrations, `${done}, and ${running} may have been`, "unknown");
}
