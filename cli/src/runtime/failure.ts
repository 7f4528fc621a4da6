import type { ErrorCode } from "../errors/ds-error.ts";
import type { ErrorReason } from "../errors/error-reason.ts";

/** What `--json` prints of a command that failed, beside what it would have answered with. */
export interface FailureDocument {
  error: {
    /** It gives the exit status. */
    code: ErrorCode;
    /** What exactly it was, where the code covers several cases. */
    reason?: ErrorReason;
    message: string;
    /** What to do next. */
    hint?: string;
    /** Facts: file, line, pid, branch ... */
    [detail: string]: unknown;
  };
}
