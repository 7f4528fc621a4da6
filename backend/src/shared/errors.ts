export type FailureKind = "invalid" | "forbidden" | "not_found" | "conflict";

/** A request that the rules do not allow. The message is a sentence for whoever sent it. */
export class Failure extends Error {
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string) {
    super(message);
    this.name = "Failure";
    this.kind = kind;
  }
}

/**
 * What went wrong, for the log. Drizzle wraps errors in one whose message holds the query's
 * parameters, personal data among them: only the error inside is safe to write down.
 */
export function loggable(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  // For a name with several addresses Node reports one error that has a code but no message.
  return cause.message || String((cause as NodeJS.ErrnoException).code ?? cause.name);
}
