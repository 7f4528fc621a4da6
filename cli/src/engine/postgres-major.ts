import { DsError } from "../errors/ds-error.ts";

/** A major version of PostgreSQL as a person writes it. */
export function majorOf(text: string): number {
  if (/^[1-9]\d$/.test(text)) return Number(text);
  throw new DsError("USAGE", `"${text}" is not a major version of PostgreSQL, such as 17`);
}
