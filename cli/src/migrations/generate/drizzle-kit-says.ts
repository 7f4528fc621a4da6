/**
 * drizzle-kit ends with exit status 0 also where it wrote nothing because of a question or a mistake, so what it
 * prints has to tell. First match counts. Read from drizzle-kit 0.31.11 and 1.0.0-rc.5.
 */
const drizzleKitSays: { says: RegExp; means: Silence }[] = [
  { says: /interactive prompts|requires? a tty|created or renamed/i, means: "asked" },
  { says: /no schema changes|nothing to (?:migrate|generate)/i, means: "nothing" },
  { says: /error|collision|malformed|not found|cannot|failed/i, means: "complained" },
];

/** Why a generator has written nothing. */
export type Silence =
  /** It stopped at a question. */
  | "asked"
  /** Something is wrong. */
  | "complained"
  /** There is nothing to do. */
  | "nothing";

export function whatDrizzleKitSays(said: string): Silence {
  return drizzleKitSays.find(({ says }) => says.test(said))?.means ?? "nothing";
}
