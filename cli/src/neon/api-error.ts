import { DsError, type DsErrorOptions } from "../errors/ds-error.ts";
import type { ApiFailure } from "./api-failure.ts";
import { meaningOf } from "./api-meaning.ts";
import { fateOf } from "./retry-policy.ts";

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
  if (failure.kind === "network" && fateOf(failure) === "unreached") {
    return new DsError("UPSTREAM", `${what}: nothing answers at ${api.url} (${failure.reason})`, {
      reason: "API_UNREACHABLE",
      hint: api.local ? seeLog : "Check NEON_API_HOST, and the network.",
      cause: failure,
    });
  }
  if (failure.kind === "network" || failure.kind === "timeout") {
    const said =
      failure.kind === "timeout" ? failure.message : `the connection was lost (${failure.reason})`;
    return new DsError(
      "UPSTREAM",
      `${what}: no answer from ${api.url}: ${said}${waited(failure)}`,
      {
        reason: "API_SILENT",
        hint: api.local ? seeLog : `Try again. ${seeState}`,
        cause: failure,
      },
    );
  }
  return answered(what, failure, api);
}

/** A connection string came without a password. */
export function passwordNotStored(what: string): DsError {
  const { code, ...more } = meaningOf(412);
  return new DsError(code, `${what}: the API does not know the role's password`, more);
}

function answered(what: string, failure: ApiFailure, { url, local }: ApiAddress): DsError {
  const status = typeof failure.status === "number" ? failure.status : undefined;
  const { code, reason, says, hint } = meaningOf(status, failure.body);
  const own = failure.body?.message ?? failure.message;
  const said = `${says === undefined ? own : `${says} (${own})`}${waited(failure)}`;
  const apiCode = failure.body?.code;
  const fail = (message: string, otherHint: string | undefined) => {
    const options: DsErrorOptions = {
      details: { ...(status ? { httpStatus: status } : {}), ...(apiCode ? { apiCode } : {}) },
      cause: failure,
    };
    if (reason !== undefined) options.reason = reason;
    const chosen = hint ?? otherHint;
    if (chosen !== undefined) options.hint = chosen;
    return new DsError(code, message, options);
  };
  if (reason === "API_KEY_REJECTED") {
    return fail(
      `${what}: the API at ${url} does not accept the key (${said})`,
      local ? "Restart the engine: ds engine stop" : "Check NEON_API_KEY.",
    );
  }
  // What the API refuses is no failure of its own, and it says what is wrong.
  const isRefusal = code !== "UPSTREAM" || (status !== undefined && status < 500);
  if (isRefusal || reason !== undefined) return fail(`${what}: ${said}`, undefined);
  return fail(
    `${what} failed: ${said}`,
    local ? seeLog : `The API answered, and failed. ${seeState}`,
  );
}

/** How long it was tried, where that was for long. */
function waited({ waitedMs = 0, retryAfterMs }: ApiFailure): string {
  if (waitedMs === 0 && retryAfterMs === undefined) return "";
  const asks =
    retryAfterMs === undefined ? "" : `; it asks to wait ${Math.ceil(retryAfterMs / 1000)}s more`;
  return waitedMs < 1_000 ? asks : ` (given up after ${Math.round(waitedMs / 1000)}s${asks})`;
}

const seeLog = "Look at the engine's log: ds engine logs";
const seeState = "For Neon's cloud see https://neonstatus.com";
