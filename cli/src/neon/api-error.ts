import { DsError, type DsErrorOptions } from "../errors/ds-error.ts";
import { type ApiErrorBody, meaningOf } from "./api-meaning.ts";

/** What is read of a failed API call, whoever made it. */
export interface ApiFailure {
  message: string;
  /** The kind of failure: "network", "aborted", "timeout", "operation", "api" ... */
  kind?: string;
  /** HTTP status, when there was an answer; of a failed operation the operation's, which is a word. */
  status?: number | string;
  body?: ApiErrorBody;
  /** For "network": ECONNREFUSED and its like. */
  reason?: string;
}

/** Which API it was, for messages. */
export interface ApiAddress {
  url: string;
  /** This machine's engine. */
  local: boolean;
}

/**
 * The API's refusal in this program's codes; its own sentence is kept, as it says what about.
 *
 * @param what what was being done: "listing branches"
 */
export function apiError(what: string, failure: ApiFailure, api: ApiAddress): DsError {
  if (failure.kind === "aborted") {
    return new DsError("INTERRUPTED", `interrupted while ${what}`, { cause: failure });
  }
  if (failure.kind === "network") {
    return new DsError("UPSTREAM", `${what}: nothing answers at ${api.url} (${failure.reason})`, {
      reason: "API_UNREACHABLE",
      hint: api.local ? seeLog : "Check NEON_API_HOST, and the network.",
      cause: failure,
    });
  }
  return answered(what, failure, api);
}

function answered(what: string, failure: ApiFailure, { url, local }: ApiAddress): DsError {
  const status = typeof failure.status === "number" ? failure.status : undefined;
  const { code, reason } = meaningOf(status, failure.body);
  const said = failure.body?.message ?? failure.message;
  const apiCode = failure.body?.code;
  const fail = (message: string, hint?: string) => {
    const options: DsErrorOptions = {
      details: { ...(status ? { httpStatus: status } : {}), ...(apiCode ? { apiCode } : {}) },
      cause: failure,
    };
    if (reason !== undefined) options.reason = reason;
    if (hint !== undefined) options.hint = hint;
    return new DsError(code, message, options);
  };
  if (code === "CREDENTIALS") {
    return fail(
      `${what}: the API at ${url} does not accept the key (${said})`,
      local ? "Restart the engine: ds engine stop" : "Check NEON_API_KEY.",
    );
  }
  if (code === "LOCKED") return fail(`${what}: ${said}`, "Try again in a moment.");
  // Of a value that it does not take the API says what is wrong with it, and it is no failure of its own.
  if (code !== "UPSTREAM" || status === 422) return fail(`${what}: ${said}`);
  return fail(`${what} failed: ${said}`, local ? seeLog : `Is ${url} reachable?`);
}

const seeLog = "Look at the engine's log: ds engine logs";
