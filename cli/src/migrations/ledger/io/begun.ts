import { DsError } from "../../../errors/ds-error.ts";
import { sentText } from "../../failure/sql-failure.ts";
import type { Migration } from "../../folder/migration.ts";
import { stepsOf } from "../../sql/parse.ts";
import type { BegunMigration } from "../begun.ts";
import { nextStep, type StepRow } from "./steps-table.ts";

/**
 * Which of these an earlier run has carried out in part. Refuses, as a run does, when that part of a
 * file was edited since.
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
    const committed = steps.slice(0, nextStep(migration, steps, rows));
    const committedStatements = committed.reduce((sum, { statements }) => sum + statements, 0);
    begun.push({ migration: migration.name, committedStatements });
  }
  return begun;
}

/** The same for a look that has to show something whatever it finds. */
export async function begunOrEdited(
  migrations: readonly Migration[],
  rows: StepRow[],
): Promise<BegunMigration[]> {
  const each = migrations.map((migration) =>
    begunMigrations([migration], rows).catch((error) => {
      if (!(error instanceof DsError)) throw error;
      return [{ migration: migration.name, committedStatements: null }];
    }),
  );
  return (await Promise.all(each)).flat();
}
