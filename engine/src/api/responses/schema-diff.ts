import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";

/** Two schemas that have nothing in common would otherwise take minutes to compare. */
const timeoutMs = 10_000;

/**
 * What `changed` has and `base` has not, and the other way round, as a unified diff with Neon's
 * headers (a/database, b/database); empty when they are equal, undefined when comparing takes too long.
 */
export function compareSchemas(
  database: string,
  base: string,
  changed: string,
): string | undefined {
  if (base === changed) return "";
  return createTwoFilesPatch(
    `a/${database}`,
    `b/${database}`,
    base,
    changed,
    undefined,
    undefined,
    { context: 3, headerOptions: FILE_HEADERS_ONLY, timeout: timeoutMs },
  );
}
