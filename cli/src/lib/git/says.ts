import { meaningOf, type Sayings } from "../text/sayings.ts";

/** Of git 2.39, with LC_ALL=C. Its exit status is 128 for all that it cannot do. */
const gitSays: Sayings<"NO_CHECKOUT"> = [
  // fatal: not a git repository (or any of the parent directories): .git
  { says: /^fatal: not a git repository/m, means: "NO_CHECKOUT" },
];

export const gitMeans = (text: string) => meaningOf(gitSays, text);
