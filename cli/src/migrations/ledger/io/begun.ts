import { type Migration, sentText } from "../../folder/migration.ts";
import { stepsOf } from "../../sql/parse.ts";
import type { BegunMigration } from "../begun.ts";
import { committedSteps, editedMidway, type StepRow } from "./steps-table.ts";

/**
 * Which of these an earlier run has carried out in part.
 *
 * @param rows of the side table
 */
export async function begunMigrations(
  migrations: readonly Migration[],
  rows: StepRow[],
): Promise<BegunMigration[]> {
  const begun: BegunMigration[] = [];
  for (const migration of migrations) {
    if (!rows.some((row) => row.migration === migration.ledgerName)) continue;
    const steps = await stepsOf(sentText(migration));
    const committed = committedSteps(migration, steps, rows);
    const committedStatements =
      committed === null
        ? null
        : steps.slice(0, committed).reduce((sum, { statements }) => sum + statements, 0);
    begun.push({ migration: migration.name, committedStatements });
  }
  return begun;
}

/** The same, where what was run in part and edited since is refused, as a run does. */
export async function begunUnedited(
  migrations: readonly Migration[],
  rows: StepRow[],
): Promise<BegunMigration[]> {
  const begun = await begunMigrations(migrations, rows);
  const edited = begun.find(({ committedStatements }) => committedStatements === null);
  const migration = migrations.find(({ name }) => name === edited?.migration);
  if (migration !== undefined) throw editedMidway(migration, rows);
  return begun;
}
