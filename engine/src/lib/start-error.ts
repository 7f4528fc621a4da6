import type { StartErrorCode, StartErrorReason } from "./error-codes.ts";

/** Why the engine could not start. */
export class StartError extends Error {
  readonly code: StartErrorCode;
  readonly hint: string | undefined;
  readonly reason: StartErrorReason | undefined;

  constructor(code: StartErrorCode, message: string, hint?: string, reason?: StartErrorReason) {
    super(message);
    this.name = "StartError";
    this.code = code;
    this.hint = hint;
    this.reason = reason;
  }
}
