import type { RecoveryPoint } from "../../../branches/io/restore-keeping.ts";
import { formatBytes } from "../../../lib/format/bytes.ts";
import { plural } from "../../../lib/format/plural.ts";
import { keptText } from "../../../restore/kept-text.ts";
import type { Target } from "../../../stages/io/target.ts";
import type { Arrivals } from "../../arrives/arrivals.ts";
import type { CopyReport } from "../../copy/io/copy-data.ts";
import { shownColumn } from "../../model/names.ts";
import type { PhaseName } from "../../model/phases.ts";
import type { RefreshPlan } from "../../model/plan.ts";
import { thousands } from "../../plan/progress.ts";
import type { remarkDocument } from "../../plan/remarks.ts";

export interface RefreshReport extends CopyReport {
  status: "refreshed";
  organization: string;
  source: string;
  migrations: string[];
  /** Masked columns and their masks. */
  masks: Record<string, string>;
  /** Tables that stay empty. */
  excluded: string[];
  seconds: Partial<Record<PhaseName, number>>;
  recoveryPoint: RecoveryPoint | null;
  /** What was told before it began. */
  remarks: ReturnType<typeof remarkDocument>[];
  arrivals: Arrivals;
}

export const masksOf = ({ tables }: RefreshPlan): Record<string, string> =>
  Object.fromEntries(
    tables.flatMap(({ table, columns }) =>
      columns.flatMap(({ name, mask }) => (mask ? [[shownColumn(table, name), mask]] : [])),
    ),
  );

/** The report as a person reads it, who has waited for so long. */
export function refreshText(
  report: RefreshReport,
  { branch }: Target,
  waitedSeconds: number,
): string {
  const slowest = Object.entries(report.seconds)
    .filter(([, seconds]) => seconds >= 0.1)
    .map(([phase, seconds]) => `${phase} ${seconds.toFixed(1)} s`);
  const kept = report.kept.filter(({ rows }) => rows > 0);
  const filled = report.tables.filter(({ rows }) => rows > 0).length;
  return [
    `${branch.name} holds organization ${report.organization} of ${report.source}: ${thousands(report.rows)} rows in ${plural(filled, "table")}, ${formatBytes(report.bytes)}, in ${waitedSeconds.toFixed(1)} s.`,
    maskedText(report),
    ...(kept.length > 0
      ? [
          `Main's own rows, untouched: ${kept.map(({ table, rows }) => `${table} (${thousands(rows)})`).join(", ")}.`,
        ]
      : []),
    ...(report.excluded.length > 0 ? [`Left out: ${report.excluded.join(", ")}.`] : []),
    ...report.emptied.map(
      ({ reference, rows }) =>
        `Emptied: ${plural(rows, "reference")} to other organizations (${reference}).`,
    ),
    `Phases: ${slowest.join(", ")}.`,
    "The connection string is the same, and branches made before keep their data: ds db reset brings them the new one.",
    ...keptText(report.recoveryPoint, "ds db refresh-staging --undo"),
  ].join("\n");
}

function maskedText({ masks, proof }: RefreshReport): string {
  const { comparedValues, unchangedValues } = proof;
  const same = unchangedValues === 0 ? "none is" : `${unchangedValues}, by chance, are`;
  return `Masked: ${plural(Object.keys(masks).length, "column")}; of ${thousands(comparedValues)} sampled values ${same} as in the source.`;
}
