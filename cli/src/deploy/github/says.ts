import { meaningOf, type Sayings } from "../../lib/text/sayings.ts";

/** Why GitHub refuses with 403, where its headers do not tell. */
export type GitHubMeaning = "RATE_LIMITED";

/** Of the REST API, version 2022-11-28; the limit of writes has no header always. */
const githubSays: Sayings<GitHubMeaning> = [
  // You have exceeded a secondary rate limit. Please wait a few minutes before you try again.
  { says: /secondary rate limit|abuse detection/i, means: "RATE_LIMITED" },
];

export const githubMeans = (text: string) => meaningOf(githubSays, text);
