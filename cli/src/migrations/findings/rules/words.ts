import { quoteIdentifier, shownName } from "../../../postgres/quote.ts";
import type { NewConstraint } from "../actions/action.ts";

/** A table, type or column in a finding's sentence. */
export const shown = shownName;

export const column = (name: string): string => shownName(quoteIdentifier(name));

export const columns = (names: readonly string[]): string => names.map(column).join(", ");

/** By its name, or by what it is on. */
export function constraintText({ columns: on, kind, name }: NewConstraint): string {
  const what = kind.replace("-", " ");
  if (name !== undefined) return `the ${what} ${column(name)}`;
  return on.length === 0 ? `the ${what}` : `the ${what} on ${columns(on)}`;
}

/** `1 row has`, `3 rows have`. */
export function rows(count: number, one = "", many = one): string {
  const verb = count === 1 ? one : many;
  const number = `${count.toLocaleString("en")} ${count === 1 ? "row" : "rows"}`;
  return verb === "" ? number : `${number} ${verb}`;
}
