import { DsError } from "../../errors/ds-error.ts";
import { plural } from "../../lib/format/plural.ts";
import { type RefReport, refText } from "./conflicts.ts";

/** `ds db migrate --conflicts --json`. */
export interface ConflictReport {
  status: "ok" | "conflict";
  /** The branch on whose copies it was tried. */
  base: string;
  refs: RefReport[];
}

export function conflictReport(base: string, refs: RefReport[]): ConflictReport {
  const status = refs.some((ref) => ref.status === "conflict") ? "conflict" : "ok";
  return { status, base, refs };
}

export function conflictText({ refs }: ConflictReport): string {
  const lines = refs.flatMap(refText);
  return lines.length > 0 ? lines.join("\n") : "No other git branch has migrations of its own.";
}

/** Other git refs have migrations that do not go together with this checkout's. */
export class MigrationsConflict extends DsError {
  readonly report: ConflictReport;

  constructor(report: ConflictReport) {
    const count = report.refs.filter(({ status }) => status === "conflict").length;
    super(
      "CONFLICT",
      `${plural(count, "git ref")} in conflict with this checkout's migrations\n${conflictText(report)}`,
      {
        reason: "MIGRATIONS_CONFLICT",
        hint: "Merge one side first, then generate the other side's migration again: ds db rebase",
        details: { report },
      },
    );
    this.report = report;
  }
}
