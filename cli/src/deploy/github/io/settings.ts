import { DsError } from "../../../errors/ds-error.ts";
import type { Environment } from "../../../lib/process/environment.ts";
import { isLocalHost } from "../../../postgres/connection-url.ts";

/** Which repository on GitHub, at which address, and what opens it. */
export interface GitHubSettings {
  /** `https://api.github.com`, without a slash at its end. */
  api: string;
  graphql: string;
  /** `owner/name` */
  repository: string;
  token: string;
}

/** As GitHub Actions sets them; undefined where there is no token, or no repository. */
export function githubSettings(env: Environment): GitHubSettings | undefined {
  const token = env.GITHUB_TOKEN?.trim();
  const repository = env.GITHUB_REPOSITORY?.trim();
  if (!token || !repository) return undefined;
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository) || /(^|\/)\.{1,2}(\/|$)/.test(repository)) {
    throw new DsError(
      "CONFIG_INVALID",
      `GITHUB_REPOSITORY must be owner/name, not "${repository}"`,
      {
        reason: "GITHUB_SETTINGS_INVALID",
      },
    );
  }
  const api = address("GITHUB_API_URL", env.GITHUB_API_URL?.trim() || "https://api.github.com");
  // Of GitHub Enterprise Server it is https://host/api/v3 and https://host/api/graphql.
  const graphql = address(
    "GITHUB_GRAPHQL_URL",
    env.GITHUB_GRAPHQL_URL?.trim() || `${api.replace(/\/v3$/, "")}/graphql`,
  );
  return { api, graphql, repository, token };
}

function address(variable: string, text: string): string {
  const invalid = (what: string) =>
    new DsError("CONFIG_INVALID", `${variable} ${what}`, { reason: "GITHUB_SETTINGS_INVALID" });
  if (!URL.canParse(text)) throw invalid(`must be a URL, not "${text}"`);
  const { protocol, hostname, username } = new URL(text);
  const isOwn = isLocalHost(hostname.replace(/^\[|\]$/g, ""));
  if (protocol !== "https:" && !(protocol === "http:" && isOwn)) {
    throw invalid(`is ${text}: the token would travel unencrypted`);
  }
  if (username !== "") throw invalid("must have no login in it");
  return text.replace(/\/+$/, "");
}
