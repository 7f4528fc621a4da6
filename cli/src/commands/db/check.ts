import type { AppContext } from "../../app-context.ts";
import { DsError } from "../../errors/ds-error.ts";
import { annotations, checkFormats, sarif } from "../../migrations/check/formats.ts";
import { type CheckFlags, checkMigrations } from "../../migrations/check/io/check.ts";
import { type CheckReport, isClean, summary } from "../../migrations/check/report.ts";
import { refText } from "../../migrations/conflicts/conflicts.ts";
import { rules } from "../../migrations/findings/rules.ts";
import { findingsText } from "../../migrations/findings/text.ts";

interface Flags extends CheckFlags {
  format?: string;
}

/** For CI and before a commit: whether this checkout's new migrations can be merged. Exit 9 where they cannot. */
export default async function check(
  context: AppContext,
  flags: Flags,
  ...refs: string[]
): Promise<void> {
  const format = checkFormats.find((one) => one === (flags.format ?? "text"));
  if (format === undefined) {
    throw new DsError("USAGE", `--format ${flags.format} is none of ${checkFormats.join(", ")}`);
  }
  if (flags.offline && refs.length > 0) {
    throw new DsError(
      "USAGE",
      "--offline runs no migration, so there is nothing to compare refs by",
      {
        hint: "Leave out --offline, or the refs",
      },
    );
  }
  const report = await checkMigrations(context, flags, refs);
  for (const warning of report.warnings) context.output.warn(warning);
  const isAnnotated = format === "github" && !context.output.json;
  if (isAnnotated) context.output.annotate(annotations(report.findings));
  const shown = isAnnotated ? "" : shownAs(format, report, context.version);
  if (isClean(report)) return context.output.result({ ...report }, shown);
  if (shown !== "" && !context.output.json) context.output.stream(`${shown}\n`);
  throw new DsError("FINDINGS", summary(report), {
    hint: "Mend the migrations, or write `-- ds:ignore <rule> <reason>` above a statement",
    details: { report },
  });
}

function shownAs(
  format: (typeof checkFormats)[number],
  report: CheckReport,
  version: string,
): string {
  const { conflicts, findings } = report;
  if (format === "github") return annotations(findings);
  if (format === "sarif") return sarif(findings, rules, version);
  const parts = [findingsText(findings), ...conflicts.flatMap(refText)];
  return [...parts, isClean(report) ? summary(report) : ""]
    .filter((line) => line !== "")
    .join("\n");
}
