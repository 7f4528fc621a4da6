import type { HasConfig } from "../../../config/project-config.ts";
import type { HasEngine } from "../../../engine/io/daemon.ts";
import { DsError } from "../../../errors/ds-error.ts";
import { plural } from "../../../lib/format/plural.ts";
import type { HasNeon } from "../../../neon/io/client.ts";
import type { Runtime } from "../../../runtime/runtime.ts";
import type { HasTarget } from "../../../stages/io/target.ts";
import { refText } from "../conflicts.ts";
import { findConflicts } from "./find-conflicts.ts";

/** `ds db migrate --conflicts`: reports on every ref, and fails when one of them is in conflict. */
export async function reportConflicts(
  context: Runtime & HasConfig & HasTarget & HasNeon & HasEngine,
  targetName: string | undefined,
  refs: readonly string[],
): Promise<void> {
  const { output } = context;
  const config = await context.config();
  // A branch of one's own has had these migrations already: what is pending is so for main.
  const target = await context.target(targetName ?? "main");
  const { name } = target.branch;
  output.note(`on copies of branch ${name} (${target.branch.id})`);
  const reports = await findConflicts(context, target, config, refs);
  const lines = reports.flatMap(refText);
  const conflicts = reports.filter(({ status }) => status === "conflict");
  const report = { status: conflicts.length > 0 ? "conflict" : "ok", base: name, refs: reports };
  if (conflicts.length > 0) {
    throw new DsError(
      "CONFLICT",
      `${plural(conflicts.length, "git ref")} in conflict with this checkout's migrations\n${lines.join("\n")}`,
      {
        hint: "Merge one side first, then generate the other side's migration again: ds db rebase",
        details: { report },
      },
    );
  }
  output.result(
    report,
    lines.length > 0 ? lines.join("\n") : "No other git branch has migrations of its own.",
  );
}
