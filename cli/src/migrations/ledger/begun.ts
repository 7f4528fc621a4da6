/** A migration of several steps that an earlier run has carried out in part. */
export interface BegunMigration {
  migration: string;
  /** How many of its first statements are committed; null where that part of the file was edited since. */
  committedStatements: number | null;
}

/** The names, with what is known of those that were begun. */
export function namesWithBegun(
  names: readonly string[],
  begun: readonly BegunMigration[],
): string[] {
  return names.map((name) => {
    const found = begun.find(({ migration }) => migration === name);
    return found === undefined ? name : `${name} (${begunText(found)})`;
  });
}

function begunText({ committedStatements: count }: BegunMigration): string {
  switch (count) {
    case null:
      return "begun, and edited since";
    case 0:
      return "begun: its first statement may have been carried out";
    case 1:
      return "begun: its first statement is committed";
    default:
      return `begun: its first ${count} statements are committed`;
  }
}
