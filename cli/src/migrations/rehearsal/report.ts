import { MigrationsFailed } from "../run/failed.ts";
import type { MigrationReport } from "../run/report.ts";
import type { ChangedRows, StatementReport } from "./effects.ts";
import type { LoadReport } from "./load-report.ts";
import { loadWarnings } from "./text.ts";

export interface RehearsalReport {
  /** Of what branch the ephemeral one was a copy. */
  of: string;
  statements: StatementReport[];
  load?: LoadReport;
  /** Of tables that were there before and that were written to; missing where the rehearsal failed. */
  rows?: ChangedRows;
}

export type RehearsedReport = MigrationReport & { rehearsal?: RehearsalReport };

/** A migration's report with what its rehearsal showed. */
export function withRehearsal(
  report: MigrationReport,
  rehearsal: RehearsalReport | undefined,
): RehearsedReport {
  if (rehearsal === undefined) return report;
  return { ...report, warnings: [...loadWarnings(rehearsal.load), ...report.warnings], rehearsal };
}

/** What the rehearsal showed is worth as much when the command fails after it. */
export function failedAfter(error: unknown, rehearsal: RehearsalReport | undefined): unknown {
  return error instanceof MigrationsFailed
    ? new MigrationsFailed(error.failure, withRehearsal(error.report, rehearsal))
    : error;
}
