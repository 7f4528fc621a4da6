import type { ExtensionState } from "../../postgres/extension-state.ts";
import { placeOf } from "../../postgres/sql-place.ts";
import type { Migration } from "../folder/migration.ts";
import { sentText } from "../folder/migration.ts";
import { addExtensionCommand, createExtensionSql, extensionsIn } from "../sql/extensions.ts";

/** An extension for want of which a migration is going to fail. */
export interface MissingExtension {
  extension: string;
  /** `NOT_AVAILABLE`: the server does not have it. `NOT_CREATED`: nothing creates it before a type of it is used. */
  reason: "NOT_AVAILABLE" | "NOT_CREATED";
  migration: string;
  file: string;
  line: number;
}

/** Names of all that these migrations create or use. */
export const extensionsOf = (migrations: readonly Migration[]): string[] => [
  ...new Set(
    migrations.flatMap((each) => extensionsIn(sentText(each)).map(({ extension }) => extension)),
  ),
];

/**
 * What these migrations lack, each once.
 *
 * @param migrations in the order in which they are run
 * @param states of the database before, of all that `extensionsOf` names
 */
export function missingExtensions(
  migrations: readonly Migration[],
  states: readonly ExtensionState[],
): MissingExtension[] {
  const created = new Set(states.flatMap(({ name, created }) => (created ? name : [])));
  const available = new Set(states.flatMap(({ name, available }) => (available ? name : [])));
  const missing: MissingExtension[] = [];
  for (const migration of migrations) {
    const sql = sentText(migration);
    for (const { extension, creates, start } of extensionsIn(sql)) {
      if (created.has(extension)) continue;
      created.add(extension);
      if (creates && available.has(extension)) continue;
      missing.push({
        extension,
        reason: creates ? "NOT_AVAILABLE" : "NOT_CREATED",
        migration: migration.name,
        file: migration.file,
        line: placeOf(sql, start).line,
      });
    }
  }
  return missing;
}

/** What is wrong, and what to do about it. */
export function missingText({ extension, reason, file, line }: MissingExtension): {
  says: string;
  fix: string;
} {
  return reason === "NOT_AVAILABLE"
    ? {
        says: `${file}:${line} creates the extension ${extension}, which this Postgres does not have`,
        fix: `Add it to the local engine's: ${addExtensionCommand(extension)}`,
      }
    : {
        says: `${file}:${line} uses a type of the extension ${extension}, which nothing has created by then`,
        fix: `Put this before it: ${createExtensionSql(extension)}`,
      };
}
