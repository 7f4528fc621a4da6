import { createTwoFilesPatch, FILE_HEADERS_ONLY } from "diff";

/** Two schemas that have nothing in common would otherwise take minutes to compare. */
const timeoutMs = 10_000;

/** The difference of two dumps of a database, line by line; undefined when comparing takes too long. */
export function schemaPatch(database: string, base: string, changed: string): string | undefined {
  const [from, to] = [`a/${database}`, `b/${database}`];
  const options = { context: 3, headerOptions: FILE_HEADERS_ONLY, timeout: timeoutMs };
  return createTwoFilesPatch(from, to, base, changed, undefined, undefined, options);
}
