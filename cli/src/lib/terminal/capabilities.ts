import type { Environment } from "../process/environment.ts";

// What a terminal can show, by what its variables say. An empty one counts as none.

export const isDumb = ({ TERM }: Environment): boolean => TERM === "dumb";

/** A screen can be drawn on it, and not only lines be written. */
export const hasCursor = (env: Environment): boolean => env.TERM !== undefined && !isDumb(env);

export const refusesColour = (env: Environment): boolean => Boolean(env.NO_COLOR);

/** The locale's encoding, by the variables in the order in which the C library takes them. */
export function showsUnicode(env: Environment): boolean {
  if (env.TERM === "linux") return false;
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || "";
  // Without any locale macOS and Windows still have it.
  return locale === "" ? env.TERM_PROGRAM !== undefined : /utf-?8/i.test(locale);
}
