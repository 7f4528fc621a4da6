/**
 * What ds itself notes in a database lies in a schema of its own, so that it is never taken for a part of the
 * project's. Versions before had both tables beside Drizzle's ledger.
 */
export const ownSchema = "__ds";

/** Tables of it. */
export const ownTables = { runs: "migrate_runs", steps: "migration_steps" };

/** Moments before which `ds db undo` can go back, besides the migrates. */
export const momentsTable = "moments";

/** What they were called beside the ledger. */
export const formerTables = { runs: "__ds_migrate_runs", steps: "__ds_migration_steps" };

/** Whether ds made an object of this schema and name, or of a table of that name. */
export function isOwnObject({
  schema,
  name,
}: {
  schema?: string | undefined;
  name: string;
}): boolean {
  return (
    schema === ownSchema || name === ownSchema || /^__ds_(migrate_runs|migration_steps)/.test(name)
  );
}
