import { DsError } from "../errors/ds-error.ts";

/** What is read of a failed API call, whatever class the SDK gave it. */
export interface ApiFailure {
  message: string;
  /** The SDK's kind of failure: "network", "aborted", "api" ... */
  kind?: string;
  /** HTTP status, when there was an answer. */
  status?: number;
  /** Neon's error body. */
  body?: { message?: string; code?: string };
  /** For "network": ECONNREFUSED and its like. */
  reason?: string;
}

/**
 * The API's refusal in this program's codes; its own sentence is kept, as it knows the reason.
 *
 * @param what what was being done: "listing branches"
 */
export function apiError(
  what: string,
  error: ApiFailure,
  api: { url: string; local: boolean },
): DsError {
  const { status, body, kind } = error;
  const { url, local } = api;
  const said = body?.message ?? error.message;
  const details = {
    ...(status ? { httpStatus: status } : {}),
    ...(body?.code ? { apiCode: body.code } : {}),
  };
  const fail = (code: ConstructorParameters<typeof DsError>[0], message: string, hint?: string) =>
    new DsError(code, message, { details, cause: error, ...(hint ? { hint } : {}) });

  if (kind === "aborted") return fail("INTERRUPTED", `interrupted while ${what}`);
  if (kind === "network") {
    return fail(
      "UPSTREAM",
      `${what}: nothing answers at ${url} (${error.reason})`,
      local ? "Look at the engine's log: ds engine logs" : "Check NEON_API_HOST, and the network.",
    );
  }
  switch (status) {
    case 401:
    case 403:
      return fail(
        "CREDENTIALS",
        `${what}: the API at ${url} does not accept the key (${said})`,
        local ? "Restart the engine: ds engine stop" : "Check NEON_API_KEY.",
      );
    case 404:
      return fail("NOT_FOUND", `${what}: ${said}`);
    case 409:
      return fail("CONFLICT", `${what}: ${said}`);
    case 423:
      return fail("LOCKED", `${what}: ${said}`, "Try again in a moment.");
    case 422:
      // The status alone does not tell a refusal for safety from a value that is out of range.
      return fail(
        /protect|default|root|child/i.test(said) ? "REFUSED" : "UPSTREAM",
        `${what}: ${said}`,
      );
    default:
      return fail(
        "UPSTREAM",
        `${what} failed: ${said}`,
        local ? "Look at the engine's log: ds engine logs" : `Is ${url} reachable?`,
      );
  }
}
