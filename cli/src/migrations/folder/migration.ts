import type { Snapshot } from "./snapshots.ts";
/**
 * Which migrations a database has had, as a pure function of the folder and the ledger's rows.
 * The identity rules and the words for the states are those of the migrations design.
 */

export interface Migration {
  /** `0001_a_email` (v0) or `20261122231314_a_email` (v1). */
  name: string;
  /** The name that the v1 ledger knows it by; differs from `name` for v0 folders only. */
  ledgerName: string;
  /** Path of the SQL file, for messages: relative to where the folder was given. */
  file: string;
  /** Milliseconds since 1970: the journal's `when` (v0), the folder name's second (v1). */
  when: number;
  /** sha256 of the file's bytes, lower-case hex; what is written to the ledger. */
  hash: string;
  /** `hash`, and those of the same text with other line ends, with or without a byte order mark. */
  sameContent: readonly string[];
  sql: string;
}

/** v0: `meta/_journal.json` and `NNNN_tag.sql`; v1: `YYYYMMDDHHMMSS_name/migration.sql`. */
export type FolderFormat = "v0" | "v1";

export interface MigrationFolder {
  format: FolderFormat;
  /** In the order they run. */
  migrations: Migration[];
  /** SQL files that nothing lists, named as `file` is. */
  orphans: string[];
  /** Read when there is something to run only: they are large. */
  snapshots?: () => Snapshot[];
}

/** The text that goes to the server: Postgres does not know byte order marks. */
export function sentText({ sql }: Pick<Migration, "sql">): string {
  return sql.replace(/^\ufeff/, "");
}
