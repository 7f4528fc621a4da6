import { listed } from "../../lib/format/listed.ts";
import type { DoubledNumber } from "../folder/doubled-numbers.ts";
import type { Migration } from "../folder/migration.ts";
import { enclosedBreakpoints } from "../folder/sql-problems.ts";
import { settingsLeft } from "../sql/session-settings.ts";
import { type MigrationStates, rowName } from "./compare.ts";

/** What a person should hear although the run, or the look, goes on. */
export interface MigrationWarning {
  reason: /** A migration is older than applied ones: applied out of order, or refused. */
    | "LATE_APPLIED"
    | "LATE_REFUSED"
    /** The database has migrations that the checkout has not. */
    | "DATABASE_AHEAD"
    /** A file that no journal lists. */
    | "NOT_IN_JOURNAL"
    /** Drizzle's breakpoint stands in a string or block. */
    | "BREAKPOINT_ENCLOSED"
    /** A setting goes on in drizzle-kit's run, and here ends with its migration. */
    | "SETTING_ENDS"
    /** A migration of this side has the number of another one. */
    | "NUMBER_DOUBLED"
    /** The server's own: RAISE WARNING. */
    | "SERVER";
  text: string;
}

/** @param allowLate whether late migrations are applied */
export function migrationWarnings(states: MigrationStates, allowLate: boolean): MigrationWarning[] {
  const { late, orphans, pending, unknown } = states;
  const open = [...pending, ...late];
  const fate = allowLate
    ? "it is applied out of order"
    : "it is refused here, as this is a shared stage or CI";
  return [
    ...late.map(({ name, file }): MigrationWarning => {
      const text = `${name} (${file}) is older than what this database has already; ${fate}`;
      return { reason: allowLate ? "LATE_APPLIED" : "LATE_REFUSED", text };
    }),
    ...(unknown.length === 0 ? [] : [ahead(unknown.map(rowName))]),
    ...orphans.map(
      (file): MigrationWarning => ({
        reason: "NOT_IN_JOURNAL",
        text: `${file} is not run: no journal lists it`,
      }),
    ),
    ...open.flatMap(breakpointEnclosed),
    ...(open.length > 1 ? open.flatMap(settingEnds) : []),
  ];
}

/** @param ref the base branch, which has the other one */
export function numberDoubled({ name, other }: DoubledNumber, ref: string): MigrationWarning {
  return {
    reason: "NUMBER_DOUBLED",
    text: `${name} has the number of ${other}, and ${ref} does not have it yet; both are applied, in the journal's order. To give it a number of its own: ds db rebase`,
  };
}

function breakpointEnclosed(migration: Migration): MigrationWarning[] {
  const place = enclosedBreakpoints(migration);
  if (place === undefined) return [];
  const text =
    `${migration.file}:${place.line}: a breakpoint stands inside of a string or block. It is applied as a part of ` +
    "that; drizzle-kit would split there and fail";
  return [{ reason: "BREAKPOINT_ENCLOSED", text }];
}

function settingEnds({ file, sql }: Migration): MigrationWarning[] {
  const left = settingsLeft(sql);
  if (left.length === 0) return [];
  const text =
    `${file} leaves ${left.join(" and ")} set. That ends with this migration, as when it is applied alone; in one run ` +
    "drizzle-kit carries it into the next ones";
  return [{ reason: "SETTING_ENDS", text }];
}

const ahead = (rows: string[]): MigrationWarning => ({
  reason: "DATABASE_AHEAD",
  text: `the database is ahead of this checkout: it has ${listed(rows)}, which no file here accounts for`,
});
