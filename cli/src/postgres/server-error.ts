/** The fields of Postgres' error message that matter here. */
export interface ServerError {
  message: string;
  /** SQLSTATE. */
  code: string;
  /** Character of the step's text, from 1. */
  position?: string | undefined;
  detail?: string | undefined;
  hint?: string | undefined;
  where?: string | undefined;
}

/** The server's own verdict on a statement, as opposed to a connection that broke. */
export function isServerError(error: unknown): error is Error & { code: string } {
  const { severity, code } = error as { severity?: unknown; code?: unknown };
  // Class 57P: the server goes down or drops the session.
  return severity === "ERROR" && typeof code === "string" && !code.startsWith("57P");
}

export function isConnectionError(error: unknown): boolean {
  const { code, message } = error as { code?: unknown; message?: unknown };
  // The driver's own words, and a system's or the server's code (ECONNRESET, 57P01).
  return (
    typeof code === "string" ||
    (typeof message === "string" &&
      /^(?:Connection terminated|Client has encountered)/.test(message))
  );
}
