import type { ApiFailure } from "./api-failure.ts";

/**
 * What a failed request says of what it was to do.
 *
 * - `not-yet`: it was not carried out, and may be soon: locked, too many, not now.
 * - `unclear`: the server or the way failed, so nobody knows whether it was carried out.
 * - `unreached`: it never got there.
 * - `final`: it was answered.
 */
export type Fate = "not-yet" | "unclear" | "unreached" | "final";

const notYet: ReadonlySet<unknown> = new Set([423, 429, 503]);
const unclear: ReadonlySet<unknown> = new Set([500, 502, 504]);
/** The engine's own failures, which stay what they are. */
const ownFailures: ReadonlySet<unknown> = new Set([
  "INTERNAL_ERROR",
  "CATALOG_BROKEN",
  "SCHEMA_READ_FAILED",
  "ENGINE_START_FAILED",
]);
/** The system's codes for a connection that was open, or that took too long to open. */
const cutOff: ReadonlySet<unknown> = new Set([
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "ERR_STREAM_PREMATURE_CLOSE",
]);

export function fateOf({ kind, status, reason, body }: ApiFailure): Fate {
  if (ownFailures.has(body?.code)) return "final";
  if (notYet.has(status)) return "not-yet";
  if (unclear.has(status)) return "unclear";
  if (kind === "timeout") return "unclear";
  if (kind !== "network") return "final";
  return cutOff.has(reason) || /^HPE_/.test(reason ?? "") ? "unclear" : "unreached";
}

/** What is not there is asked for so often; one that restarts is back by then. */
export const triesUnreached = 3;

const longestPauseMs = 8_000;

/**
 * Milliseconds before the next attempt: what the API asks for, else growing distances. The random part keeps those who
 * wait apart.
 *
 * @param attempt counted from 0
 * @param random from 0 to 1
 */
export function pauseBefore(attempt: number, failure: ApiFailure, random: number): number {
  const own = Math.min(250 * 2 ** attempt, longestPauseMs) * (0.5 + random);
  return failure.retryAfterMs === undefined ? own : failure.retryAfterMs + 250 * random;
}

/** Milliseconds in a Retry-After header, which has seconds or a date; undefined for anything else. */
export function retryAfterMs(header: string | undefined, now: number): number | undefined {
  const text = header?.trim();
  if (!text) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text) * 1000;
  const date = /^[A-Z][a-z]{2},/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

/** For people: why a request waits. */
export function waitingFor({ status, body, reason, kind }: ApiFailure): string {
  switch (status) {
    case 423:
      return body?.code === "TABLE_LOCKED" && body.message
        ? body.message
        : "another operation is running on the project";
    case 429:
      return "it limits the rate of requests";
    case 503:
      return "it is not available right now";
  }
  if (typeof status === "number") return `it answers ${status}`;
  return kind === "timeout" ? "it does not answer" : `the connection to it fails (${reason})`;
}
