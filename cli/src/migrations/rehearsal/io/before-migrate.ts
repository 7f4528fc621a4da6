import type { Context } from "../../../app-context.ts";
import type { ProjectConfig } from "../../../config/project-config.ts";
import { DsError } from "../../../errors/ds-error.ts";
import type { MigrationReport, MigratorOptions } from "../../run/io/migrate.ts";
import type { NamedDatabase } from "../../run/io/target.ts";
import { rehearsalWanted } from "../effects.ts";
import { loadWarnings } from "../text.ts";
import type { RehearsalReport } from "./rehearse.ts";

export interface RehearsalFlags {
  db?: string;
  check: boolean;
  /** Undefined: the project's rule decides. */
  rehearse?: boolean;
  withLoad: boolean;
  /** Only compare with other git refs. */
  conflicts: boolean;
}

export function refuseContradictions(
  { db, check, rehearse, withLoad, conflicts }: RehearsalFlags,
  refs: readonly string[],
): void {
  if (refs.length > 0 && !conflicts) {
    throw new DsError("USAGE", `ds db migrate takes no argument, and was given "${refs[0]}"`, {
      hint: "To compare with a git ref: ds db migrate --conflicts <ref>; to name a stage: --target <stage>",
    });
  }
  if (conflicts && (db !== undefined || check || rehearse !== undefined || withLoad)) {
    throw new DsError(
      "USAGE",
      "--conflicts applies nothing, so of the other flags only --target goes with it",
      {
        hint: "Leave out --db, --check, --rehearse and --with-load",
      },
    );
  }
  if (withLoad && rehearse === false) {
    throw new DsError("USAGE", "--with-load is a rehearsal, and --no-rehearse is none", {
      hint: "Leave one out",
    });
  }
  if (db !== undefined && (rehearse || withLoad)) {
    throw new DsError("USAGE", "a rehearsal needs a branch to copy, and --db names a database", {
      hint: "Name a stage with --target instead, or leave out --rehearse and --with-load",
    });
  }
}

/**
 * The rehearsal that the flags or the project's rule ask for; undefined when they ask for none, or
 * nothing is pending. With --check it is only run on request.
 */
export async function rehearsalBefore(
  context: Context,
  { check, rehearse: asked, withLoad }: RehearsalFlags,
  { migrations }: ProjectConfig,
  { target, shared, early }: NamedDatabase,
  options: MigratorOptions,
): Promise<RehearsalReport | undefined> {
  if (target === undefined) return undefined;
  const explicit = withLoad || asked;
  const wanted = rehearsalWanted(explicit, shared, migrations.rehearse);
  if (!wanted || (check && !explicit)) return undefined;
  const { rehearse } = await import("./rehearse.ts");
  // It takes so long that what was seen before it is old, and an idle connection may be cut off.
  early?.close();
  return rehearse(context, target, options, withLoad);
}

/** A migration's report with what its rehearsal showed. */
export function withRehearsal<R extends { warnings: string[] }>(
  report: R,
  rehearsal: RehearsalReport | undefined,
): R & { rehearsal?: RehearsalReport } {
  if (rehearsal === undefined) return report;
  return { ...report, warnings: [...loadWarnings(rehearsal.load), ...report.warnings], rehearsal };
}

/** What the rehearsal showed is worth as much when the command fails after it. */
export function failedAfterRehearsal(
  error: unknown,
  rehearsal: RehearsalReport | undefined,
): unknown {
  if (error instanceof DsError) {
    const { report } = error.details as { report?: MigrationReport };
    if (report !== undefined) error.details.report = withRehearsal(report, rehearsal);
  }
  return error;
}
