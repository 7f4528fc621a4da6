import { DsError } from "../../errors/ds-error.ts";
import { listed } from "../../lib/format/listed.ts";
import { type BegunMigration, namesWithBegun } from "../ledger/begun.ts";
import { lateWaysOut } from "../ledger/policy.ts";
import { emptyReport, type MigrationReport } from "./report.ts";

/** A failure of a run of migrations, with what the run had done by then. */
export class MigrationsFailed extends DsError {
  /** What stopped it. */
  readonly failure: DsError;
  readonly report: MigrationReport;

  constructor(failure: DsError, report: MigrationReport) {
    const { code, message, reason, hint, details } = failure;
    super(code, message, { reason, hint, details: { ...details, report }, cause: failure });
    this.failure = failure;
    this.report = report;
  }

  /** For what failed before a database could be looked at: the command's document has its usual shape then, too. */
  static from(error: unknown): unknown {
    return error instanceof DsError && !(error instanceof MigrationsFailed)
      ? new MigrationsFailed(error, emptyReport("failed"))
      : error;
  }
}

/** What a look at folder and ledger found. */
export interface MigrationCheck {
  report: MigrationReport;
  /** Names of what there is to run, in the folder's order. */
  toRun: string[];
  /** Of the late ones among them, those that a run would refuse. */
  refused: string[];
}

/** `--check` found something to run. */
export class MigrationsPending extends DsError {
  readonly report: MigrationReport;

  /** @param command that runs them */
  constructor({ report, toRun, refused }: MigrationCheck, command: string) {
    super(
      "PENDING",
      `${toRun.length} pending: ${namesWithBegun(toRun, begunOf(report)).join(", ")}`,
      {
        hint:
          refused.length === 0
            ? `\`${command}\` applies them`
            : `\`${command}\` refuses ${listed(refused)} here. To go on, ${lateWaysOut}`,
        details: { report },
      },
    );
    this.report = report;
  }
}

const begunOf = ({ begun = [] }: MigrationReport): BegunMigration[] => begun;
