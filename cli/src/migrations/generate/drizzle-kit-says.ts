import { meaningOf, type Sayings } from "../../lib/text/sayings.ts";

/** Why a generator has written nothing. */
export type Silence =
  /** It stopped at a question. */
  | "asked"
  /** Something is wrong. */
  | "complained"
  /** There is nothing to do. */
  | "nothing";

/** Of drizzle-kit 0.31.11 and 1.0.0-rc.5, whose exit status is 0 also after a question or a mistake. */
const drizzleKitSays: Sayings<Silence> = [
  { says: /interactive prompts|requires? a tty|created or renamed/i, means: "asked" },
  { says: /no schema changes|nothing to (?:migrate|generate)/i, means: "nothing" },
  { says: /error|collision|malformed|not found|cannot|failed/i, means: "complained" },
];

export const whatDrizzleKitSays = (said: string): Silence =>
  meaningOf(drizzleKitSays, said) ?? "nothing";
