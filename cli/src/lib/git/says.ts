import { meaningOf, type Sayings } from "../text/sayings.ts";

/** Of git 2.39, with LC_ALL=C. Its exit status is 128 for all that it cannot do. */
const gitSays: Sayings<"NO_CHECKOUT" | "NO_REMOTE_REF"> = [
  // fatal: not a git repository (or any of the parent directories): .git
  { says: /^fatal: not a git repository/m, means: "NO_CHECKOUT" },
  // fatal: couldn't find remote ref refs/pull/7/head
  { says: /^fatal: couldn't find remote ref /m, means: "NO_REMOTE_REF" },
];

export const gitMeans = (text: string) => meaningOf(gitSays, text);
