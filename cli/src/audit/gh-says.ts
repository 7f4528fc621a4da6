import { meaningOf, type Sayings } from "../lib/text/sayings.ts";

/** Why GitHub's own command did not list pull requests. */
export type GhMeaning = "REQUEST_FAILED" | "NOT_LOGGED_IN" | "NOT_ON_GITHUB" | "NO_CHECKOUT";

/** Of gh 2, whose exit status is 1 or 4 for these. The order counts: it gives advice to log in with other failures, too. */
const ghSays: Sayings<GhMeaning> = [
  // HTTP 401: Bad credentials (https://api.github.com/graphql)
  { says: /HTTP \d{3}/, means: "REQUEST_FAILED" },
  // no git remotes found; none of the git remotes configured for this repository point to a known GitHub host.
  { says: /no git remotes|none of the git remotes/i, means: "NOT_ON_GITHUB" },
  { says: /not a git repository/i, means: "NO_CHECKOUT" },
  // To get started with GitHub CLI, please run: gh auth login; in Actions it asks for GH_TOKEN to be set.
  { says: /gh auth login|GH_TOKEN/, means: "NOT_LOGGED_IN" },
];

export const ghMeans = (text: string) => meaningOf(ghSays, text);
