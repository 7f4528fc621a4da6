import { githubMeans } from "./says.ts";

/** An answer of GitHub's API. */
export interface GitHubAnswer {
  status: number;
  headers: ReadonlyMap<string, string>;
  /** JSON; undefined where there is none. */
  body: unknown;
}

/**
 * What came of a request.
 *
 * - `done`: it was carried out.
 * - `unclear`: the server or the way failed, so nobody knows whether it was.
 * - `limited`: it was not, as there were too many; it may be later.
 * - `token`: the token is none.
 * - `forbidden`: the token may not.
 * - `missing`: there is no such thing, or the token may not see it.
 * - `refused`: it was refused for another reason.
 */
export type GitHubOutcome =
  | "done"
  | "unclear"
  | "limited"
  | "token"
  | "forbidden"
  | "missing"
  | "refused";

export function outcomeOf({ status, headers, body }: GitHubAnswer): GitHubOutcome {
  if (status >= 200 && status < 300) return "done";
  if (status >= 500 || status === 408) return "unclear";
  if (status === 429) return "limited";
  if (status === 403) {
    const isLimit =
      headers.has("retry-after") ||
      headers.get("x-ratelimit-remaining") === "0" ||
      githubMeans(messageOf(body)) === "RATE_LIMITED";
    return isLimit ? "limited" : "forbidden";
  }
  if (status === 401) return "token";
  return status === 404 || status === 410 ? "missing" : "refused";
}

/** For people: what GitHub says of a failure, on one line. */
export function messageOf(body: unknown): string {
  const { message } = (body ?? {}) as { message?: unknown };
  return typeof message === "string" ? message.replace(/\s+/g, " ").slice(0, 300) : "";
}

/** Without a word when, GitHub asks for a minute. */
const usualLimitMs = 60_000;

/** Milliseconds until a limited request may be repeated. */
export function limitedFor({ headers }: Pick<GitHubAnswer, "headers">, now: number): number {
  const after = Number(headers.get("retry-after"));
  if (headers.has("retry-after") && Number.isFinite(after)) return Math.max(0, after * 1000);
  const reset = Number(headers.get("x-ratelimit-reset"));
  if (headers.get("x-ratelimit-remaining") === "0" && reset > 0) {
    return Math.max(0, reset * 1000 - now);
  }
  return usualLimitMs;
}
