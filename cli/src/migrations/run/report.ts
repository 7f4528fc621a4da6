import type { BegunMigration } from "../ledger/begun.ts";
import type { LedgerSummary } from "../ledger/summary.ts";

/** `ds db migrate --json`. A failure carries the same in its details, as `report`. */
export interface MigrationReport extends LedgerSummary {
  /** `ran`: the command of another tool, of which nobody knows what it applied; `none`: there is nothing to apply. */
  status: "up-to-date" | "applied" | "pending" | "failed" | "ran" | "none";
  /** That of another tool, which was run. */
  command?: string;
  /** What this run has applied; the other lists say how things are after it. */
  applied: string[];
  warnings: string[];
  /** With `--check`: those of the pending ones that an earlier run has carried out in part. */
  begun?: BegunMigration[];
  timings: {
    connectMs: number;
    /** Waiting for other migrators. */
    lockMs: number;
    totalMs: number;
    migrations: Record<string, number>;
  };
}

export function emptyReport(status: MigrationReport["status"] = "up-to-date"): MigrationReport {
  return {
    status,
    applied: [],
    pending: [],
    late: [],
    edited: [],
    unknown: [],
    warnings: [],
    timings: { connectMs: 0, lockMs: 0, totalMs: 0, migrations: {} },
  };
}
