import type { AppContext } from "../../app-context.ts";
import { parseDuration } from "../../lib/format/duration.ts";
import { plural } from "../../lib/format/plural.ts";
import { type RehearsalFlags, refuseContradictions } from "../../migrations/rehearsal/flags.ts";
import {
  type Migrated,
  migrateWithRehearsal,
} from "../../migrations/rehearsal/io/migrate-with-rehearsal.ts";
import { MigrationsPending } from "../../migrations/run/failed.ts";
import { migrateCommand, targetWords } from "../../migrations/run/io/target.ts";

interface Flags extends RehearsalFlags {
  target?: string;
  strict: boolean;
  wait?: string;
  against?: string;
  yes: boolean;
}

/**
 * Applies the migrations that the branch of a stage, or the database of a URL, does not have yet.
 *
 * @param refs with --conflicts: what to compare with
 */
export default async function migrate(
  context: AppContext,
  flags: Flags,
  ...refs: string[]
): Promise<void> {
  refuseContradictions(flags, refs);
  if (flags.conflicts) return showConflicts(context, flags, refs);
  const waitMs = parseDuration(flags.wait ?? "60s");
  if (flags.plan) return showPlan(context, flags);
  const migrated = await migrateWithRehearsal(context, { ...flags, waitMs });
  if (migrated.pending) throw new MigrationsPending(migrated.pending, migrateCommand(flags));
  context.output.result({ ...migrated.report }, migratedText(migrated));
}

function migratedText({ count, report, what }: Migrated): string {
  if (report.command !== undefined) {
    return report.status === "ran"
      ? `Ran \`${report.command}\` on ${what}.`
      : `Nothing to do: no migration is pending on ${what}.`;
  }
  if (report.applied.length > 0) {
    return `Applied ${plural(report.applied.length, "migration")} to ${what}.`;
  }
  return count === 0
    ? "Nothing to do: the migrations folder is empty."
    : `Nothing to do: ${plural(count, "migration")} in the folder, all applied to ${what}.`;
}

/** What each statement would lock; nothing is run. */
async function showPlan(context: AppContext, flags: Flags): Promise<void> {
  if (flags.fix) return writeAnew(context, flags);
  const { planOnTarget } = await import("../../migrations/plan/io/plan-on-target.ts");
  const { report, text } = await planOnTarget(context, flags);
  if (flags.strict) {
    const { refuseFindings } = await import("../../migrations/findings/findings-found.ts");
    refuseFindings(report.findings, report, () => context.output.note(text));
  }
  context.output.result({ ...report }, text);
}

/** Writes what is pending anew, the safe way; nothing is run. */
async function writeAnew(context: AppContext, flags: Flags): Promise<void> {
  const { fixOnTarget } = await import("../../migrations/rewrite/io/fix-on-target.ts");
  const command = `ds db migrate --plan --fix${targetWords(flags)}`;
  const { report, text } = await fixOnTarget(context, { ...flags, command });
  if (flags.strict) {
    const { refuseFindings } = await import("../../migrations/findings/findings-found.ts");
    refuseFindings(report.findings, report, () => context.output.note(text));
  }
  context.output.result({ ...report }, text);
}

/** How the migrations of other git refs go together with these. */
async function showConflicts(context: AppContext, flags: Flags, refs: string[]): Promise<void> {
  const { conflictsOnTarget } = await import(
    "../../migrations/conflicts/io/conflicts-on-target.ts"
  );
  const { report, text } = await conflictsOnTarget(context, flags.target, refs);
  context.output.result({ ...report }, text);
}
