import { type MigrationStates, rowName } from "./compare.ts";
import { listed } from "./listed.ts";

/** What a person should hear although the run, or the look, goes on. */
export interface MigrationWarning {
  reason: /** A migration is older than applied ones: applied out of order, or refused. */
    | "LATE_APPLIED"
    | "LATE_REFUSED"
    /** The database has migrations that the checkout has not. */
    | "DATABASE_AHEAD"
    /** A file that no journal lists. */
    | "NOT_IN_JOURNAL"
    /** The server's own: RAISE WARNING. */
    | "SERVER";
  text: string;
}

/** @param allowLate whether late migrations are applied */
export function migrationWarnings(states: MigrationStates, allowLate: boolean): MigrationWarning[] {
  const { late, orphans, unknown } = states;
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
  ];
}

const ahead = (rows: string[]): MigrationWarning => ({
  reason: "DATABASE_AHEAD",
  text: `the database is ahead of this checkout: it has ${listed(rows)}, which no file here accounts for`,
});
