import type { ProjectConfig } from "../../../config/project-config.ts";
import type { HasEngine } from "../../../engine/io/daemon.ts";
import { DsError } from "../../../errors/ds-error.ts";
import type { HasNeon } from "../../../neon/io/client.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { MigrationReport, MigratorOptions } from "../../run/io/migrate.ts";
import type { NamedDatabase } from "../../run/io/target.ts";
import { rehearsalWanted } from "../effects.ts";
import type { RehearsalFlags } from "../flags.ts";
import { type RehearsalReport, withRehearsal } from "../report.ts";

/**
 * The rehearsal that the flags or the project's rule ask for; undefined when they ask for none, or
 * nothing is pending. With --check it is only run on request.
 */
export async function rehearsalBefore(
  context: Runtime & HasNeon & HasEngine,
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
