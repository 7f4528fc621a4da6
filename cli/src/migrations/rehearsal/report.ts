import type { StatementReport } from "./effects.ts";
import type { LoadReport } from "./load-report.ts";
import { loadWarnings } from "./text.ts";
/** A migration's report with what its rehearsal showed. */
export function withRehearsal<R extends { warnings: string[] }>(
  report: R,
  rehearsal: RehearsalReport | undefined,
): R & { rehearsal?: RehearsalReport } {
  if (rehearsal === undefined) return report;
  return { ...report, warnings: [...loadWarnings(rehearsal.load), ...report.warnings], rehearsal };
}

export interface RehearsalReport {
  /** Of what branch the throwaway one was a copy. */
  of: string;
  statements: StatementReport[];
  load?: LoadReport;
}
