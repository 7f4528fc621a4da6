import { DsError, type DsErrorOptions, type ErrorCode } from "../../errors/ds-error.ts";
import { listed } from "../../lib/format/listed.ts";

/** What is pending is refused. An earlier part of the same run may have been committed: then it says that instead. */
export class NotRun extends DsError {
  readonly #problem: string;

  /** @param problem a sentence without its end */
  constructor(code: ErrorCode, problem: string, options: DsErrorOptions) {
    super(code, `${problem}. Nothing was run.`, options);
    this.#problem = problem;
  }

  /** @param applied names of the migrations that the run has committed */
  after(applied: readonly string[]): DsError {
    if (applied.length === 0) return this;
    const { code, reason, hint, details } = this;
    return new DsError(code, `${this.#problem}. Committed before it: ${listed(applied)}.`, {
      reason,
      hint,
      details: { ...details, committed: applied },
    });
  }
}
