import { DsError, type DsErrorOptions, type ErrorCode } from "./ds-error.ts";

/**
 * A refusal before anything was changed, which says so: in its sentence, and in `details.outcome` for whoever would
 * say it once more.
 *
 * @param problem a sentence without its end
 */
export const nothingChanged = (
  code: ErrorCode,
  problem: string,
  { details, ...options }: DsErrorOptions,
): DsError =>
  new DsError(code, `${problem}. Nothing was changed.`, {
    ...options,
    details: { ...details, outcome: "unchanged" },
  });
