import type { StartErrorCode } from "./error-codes.ts";

/** Why the engine could not start. */
export class StartError extends Error {
  readonly code: StartErrorCode;
  readonly hint: string | undefined;

  constructor(code: StartErrorCode, message: string, hint?: string) {
    super(message);
    this.name = "StartError";
    this.code = code;
    this.hint = hint;
  }
}
