import type { HasConfig } from "../../../config/project-config.ts";
import type { HasEngine } from "../../../engine/io/daemon.ts";
import type { HasNeon } from "../../../neon/io/client.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { HasTarget } from "../../../stages/io/target.ts";
import {
  type ConflictReport,
  conflictReport,
  conflictText,
  MigrationsConflict,
} from "../report.ts";
import { findConflicts } from "./find-conflicts.ts";

/** `ds db migrate --conflicts`: reports on every ref, and fails when one of them is in conflict. */
export async function conflictsOnTarget(
  context: Runtime & HasConfig & HasTarget & HasNeon & HasEngine,
  targetName: string | undefined,
  refs: readonly string[],
): Promise<{ report: ConflictReport; text: string }> {
  const config = await context.config();
  // A branch of one's own has had these migrations already: what is pending is so for main.
  const target = await context.target(targetName ?? "main");
  const { id, name } = target.branch;
  context.output.note(`on copies of branch ${name} (${id})`);
  const report = conflictReport(name, await findConflicts(context, target, config, refs));
  if (report.status === "conflict") throw new MigrationsConflict(report);
  return { report, text: conflictText(report) };
}
