import type { Argument } from "./expression.ts";
import type { MaskingFunction } from "./masking-function.ts";
import { pseudonyms } from "./pseudonyms.ts";
import { fakes, randoms } from "./randoms.ts";
import { transformations } from "./transformations.ts";

/**
 * PostgreSQL Anonymizer's functions that have SQL of our own here, and the functions of pg_catalog that rules combine them with. All
 * of it is plain expressions of Postgres' own functions: nothing is created in a database that is masked.
 */

export const maskingFunctions: ReadonlyMap<string, MaskingFunction> = new Map(
  Object.entries({ ...fakes, ...randoms, ...pseudonyms, ...transformations }),
);

export const knownFunctions: readonly string[] = [...maskingFunctions.keys()].sort();

/** Whether the arguments are as many as the function takes, and its own by name. */
export function takes(known: MaskingFunction, args: readonly Argument[]): boolean {
  const named = args.filter(({ name }) => name !== undefined);
  if (named.length > 0) {
    const [only] = named;
    return args.length === 1 && (known.names?.includes(only?.name ?? "") ?? false);
  }
  const least = known.least ?? known.args.length;
  return args.length >= least && (known.more === true || args.length <= known.args.length);
}
