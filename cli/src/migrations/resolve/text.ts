import { plural } from "../../lib/format/plural.ts";
import type { Migration } from "../folder/migration.ts";
import { rowName } from "../ledger/compare.ts";
import type { LedgerChange } from "./resolve.ts";

export function nameOf(change: LedgerChange): string {
  if (change.migration !== undefined) return change.migration.name;
  return change.action === "delete" ? rowName(change.row) : "";
}

/** The question before the change. */
export function changeQuestion(change: LedgerChange, what: string): string {
  const name = nameOf(change);
  switch (change.action) {
    case "insert":
      return `record ${name} as applied, without running it, on ${what}?`;
    case "delete":
      return `forget that ${name} was applied, without undoing it, on ${what}?`;
    case "rehash":
      return `accept ${name} as it is now for what was applied on ${what}?`;
    case "forget-steps":
      return `forget that a part of ${name} was run, without undoing it, on ${what}?`;
  }
}

/** What the change comes to. */
export function changeText(change: LedgerChange, what: string): string {
  return `${changed(change)} on ${what}.`;
}

function changed(change: LedgerChange): string {
  const name = nameOf(change);
  switch (change.action) {
    case "insert":
      return `${name} is recorded as applied; it was not run`;
    case "delete":
      return change.migration === undefined
        ? `${name} is no longer recorded as applied`
        : `${name} is no longer recorded as applied: the next \`ds db migrate\` runs it`;
    case "rehash":
      return `${name} as it is now is what was applied`;
    case "forget-steps":
      return `${name} counts as not begun: the next \`ds db migrate\` runs all of it`;
  }
}

/** @param tables how many the database has, outside of the ledger's schema */
export function baselineQuestion(
  migrations: readonly Migration[],
  tables: number,
  what: string,
): string {
  return (
    `record ${plural(migrations.length, "migration")} up to ${migrations.at(-1)?.name} as applied, ` +
    `without running them, on ${what}, which has ${plural(tables, "table")}?`
  );
}
