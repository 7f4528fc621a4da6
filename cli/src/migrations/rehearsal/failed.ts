import { DsError } from "../../errors/ds-error.ts";
import { MigrationsFailed } from "../run/failed.ts";
import type { MigrationReport } from "../run/report.ts";
import { type RehearsalReport, withRehearsal } from "./report.ts";

/** The migrations did not succeed on a copy; the branch itself is untouched. */
export class RehearsalFailed extends MigrationsFailed {
  readonly rehearsal: RehearsalReport;

  /**
   * @param failure on the copy
   * @param report of the branch before the rehearsal
   */
  constructor(failure: DsError, report: MigrationReport, rehearsal: RehearsalReport) {
    super(onCopy(failure, rehearsal.of), {
      ...withRehearsal(report, rehearsal),
      status: "failed",
    });
    this.rehearsal = rehearsal;
  }
}

/** Its hint and place hold for the branch as well, what it has committed does not. */
function onCopy(failure: DsError, of: string): DsError {
  if (failure.code === "INTERRUPTED") {
    const message = `stopped during the rehearsal on a copy of ${of}; ${of} itself is untouched`;
    return new DsError("INTERRUPTED", message);
  }
  return failure.with({
    message: `the rehearsal on a copy of ${of} failed; ${of} itself is untouched. On the copy:\n${failure.message}`,
    details: { ...failure.details, committed: [] },
  });
}
