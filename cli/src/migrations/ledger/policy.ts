import type { DsError } from "../../errors/ds-error.ts";
import type { ErrorReason } from "../../errors/error-reason.ts";
import { listed } from "../../lib/format/listed.ts";
import { NotRun } from "../failure/not-run.ts";
import type { Migration, MigrationFolder } from "../folder/migration.ts";
import { forks, forkText, isSnapshotOf } from "../folder/snapshots.ts";
import { encodingProblems, transactionControl } from "../folder/sql-problems.ts";
import { type MigrationStates, rowName, toRun } from "./compare.ts";

export interface MigrationPolicy {
  /** A personal branch takes late migrations; a shared one does not unless the config says so. */
  allowLate: boolean;
  /** Refuse when the database is ahead of the checkout. */
  strict: boolean;
  /** Two sides' migrations in an order to be tried: their times do not count, as no such journal exists yet. */
  trial?: true;
}

export const lateWaysOut =
  'generate it again on top of the newest one, or allow it with migrations.late: "apply" in ds.config.ts';

/** Why nothing may be run, or undefined when it may. */
export async function migrationRefusal(
  folder: MigrationFolder,
  states: MigrationStates,
  policy: MigrationPolicy,
): Promise<DsError | undefined> {
  const { edited, late, unknown } = states;
  if (edited.length > 0) {
    const files = edited.map((migration) => migration.file);
    return new NotRun(
      "MIGRATION_REFUSED",
      `${listed(files)} ${files.length === 1 ? "was" : "were"} edited after being applied`,
      {
        reason: "MIGRATION_EDITED",
        hint:
          "Either put the file back as it was (git log shows it) and write the change as a new migration, " +
          "or, where the database is as the file says now, accept it: " +
          `${edited.map(({ name }) => `ds db resolve --accept-edit ${name}`).join("; ")}. ` +
          "A branch of your own can also start over from main: ds db reset",
        details: { edited: edited.map(({ name }) => name) },
      },
    );
  }
  if (late.length > 0 && !policy.allowLate) {
    return new NotRun(
      "MIGRATION_REFUSED",
      `${listed(late.map(({ file }) => file))} ${late.length === 1 ? "is" : "are"} older than migrations ` +
        "that are applied already, and this is a shared stage or CI",
      {
        reason: "MIGRATION_LATE",
        hint: `To go on, ${lateWaysOut}`,
        details: { late: late.map(({ name }) => name) },
      },
    );
  }
  if (unknown.length > 0 && policy.strict) {
    return new NotRun(
      "MIGRATION_REFUSED",
      `the database has ${listed(unknown.map(rowName))}, which no file of this checkout accounts for`,
      {
        reason: "DATABASE_AHEAD",
        hint: "Bring the checkout up to date (git pull), or leave out --strict",
        details: { unknown: unknown.map(rowName) },
      },
    );
  }
  const migrations = toRun(folder, states);
  return (
    (policy.trial ? undefined : sameTimeRefusal(folder, migrations)) ??
    (await unrunnable(migrations)) ??
    forkRefusal(folder, migrations)
  );
}

/** Why these may not be run, whatever the database holds. */
export async function unrunnable(migrations: Migration[]): Promise<DsError | undefined> {
  const text = (problem: { text: string }) => problem.text;
  return (
    refused(
      "NOT_UTF8",
      encodingProblems(migrations).map(text),
      "Save it as UTF-8, then run the command again",
    ) ??
    refused(
      "TRANSACTION_CONTROL",
      (await transactionControl(migrations)).map(text),
      "Where the file has been applied elsewhere, leave it as it is: run it by hand here, too (psql -f), and record that " +
        "with `ds db resolve --applied <migration>`. Where nobody has applied it, take these statements out",
    )
  );
}

/** Drizzle knows v0's migrations by their time alone: of two it would skip one, or both, in a later run. */
function sameTimeRefusal(
  { format }: MigrationFolder,
  migrations: Migration[],
): DsError | undefined {
  if (format !== "v0") return undefined;
  const twice = migrations.flatMap((migration, index) => {
    const other = migrations.slice(0, index).find(({ when }) => when === migration.when);
    return other === undefined ? [] : [`${other.name} and ${migration.name}`];
  });
  return refused(
    "SAME_TIME",
    twice.map(
      (names) =>
        `${names} have the same time ("when") in the journal, which has to tell them apart`,
    ),
    'Give the second one a later "when" in meta/_journal.json, but not one later than the next entry\'s',
  );
}

/**
 * Only of v0, where one migration of each fork was generated in ignorance of the other and has to be
 * generated again. Drizzle 1.x makes forks a matter of course: the next snapshot joins them.
 */
function forkRefusal(folder: MigrationFolder, migrations: Migration[]): DsError | undefined {
  if (folder.format !== "v0" || migrations.length === 0) return undefined;
  const mine = forks(folder.snapshots?.() ?? []).filter((files) =>
    files.some((file) => migrations.some((migration) => isSnapshotOf(file, migration))),
  );
  return refused(
    "SNAPSHOTS_FORKED",
    mine.map(forkText),
    "After a git merge, put one side's migration on top of the other's: ds db rebase",
  );
}

function refused(reason: ErrorReason, problems: string[], hint: string): DsError | undefined {
  if (problems.length === 0) return undefined;
  return new NotRun("MIGRATION_REFUSED", problems.join("\n"), {
    reason,
    hint,
    details: { problems },
  });
}
