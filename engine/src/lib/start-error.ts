/**
 * Why the engine could not start. The code is a name from the `ds` command's table of errors, so
 * that the command which started the engine can exit with the right status.
 */
export class StartError extends Error {
  readonly code: "CONFLICT" | "PREREQUISITE_MISSING" | "CONFIG_INVALID" | "UPSTREAM" | "USAGE";
  readonly hint: string | undefined;

  constructor(code: StartError["code"], message: string, hint?: string) {
    super(message);
    this.name = "StartError";
    this.code = code;
    this.hint = hint;
  }
}
