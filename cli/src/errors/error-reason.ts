/**
 * What exactly went wrong where an error's code covers several cases: what code decides by and tests assert,
 * so that no sentence is read for its words. Part of the interface (`--json` prints it): names are added, not
 * changed.
 */
export type ErrorReason =
  /** The branch is protected. */
  | "BRANCH_PROTECTED"

  // Migrations: why nothing was run.
  /** The migrations folder has problems; each has a reason of its own, in the error's `problems`. */
  | "FOLDER_INVALID"
  /** A file was edited after it was applied. */
  | "MIGRATION_EDITED"
  /** A file was edited after a part of it was run. */
  | "MIGRATION_EDITED_MIDWAY"
  /** A migration is older than applied ones, on a shared stage or in CI. */
  | "MIGRATION_LATE"
  /** The database has migrations that the checkout has not, and --strict was given. */
  | "DATABASE_AHEAD"
  /** A file is not UTF-8. */
  | "NOT_UTF8"
  /** A file has a BEGIN or COMMIT of its own. */
  | "TRANSACTION_CONTROL"
  /** Two snapshots follow the same one. */
  | "SNAPSHOTS_FORKED"
  /** The ledger's table is not one of Drizzle's. */
  | "LEDGER_FOREIGN"
  /** Whether a statement outside of transactions was carried out cannot be told. */
  | "OUTCOME_UNCLEAR"
  /** Postgres 18's grammar does not accept the file, so that it cannot be planned. */
  | "NOT_PARSED"

  // Migrations: the drizzle config beside ds.config.ts.
  /** It cannot be evaluated, or has no settings that can be used. */
  | "DRIZZLE_CONFIG_UNUSABLE"
  /** It names another ledger. */
  | "LEDGER_DIFFERS"
  /** It cannot be used, and the ledger has no row that would say that it is the right one. */
  | "LEDGER_UNCERTAIN"

  // Migrations: what stopped a run.
  /** Another session holds the migration lock. */
  | "MIGRATION_LOCKED"
  /** Another session has locked the ledger's table. */
  | "LEDGER_LOCKED"
  /** Another session holds a lock that a statement needs. */
  | "TABLE_LOCKED"
  /** The migration and another session waited for each other. */
  | "DEADLOCKED"
  /** The connection to the database was lost. */
  | "CONNECTION_LOST"
  /** The server refuses to read or make the ledger. */
  | "LEDGER_REFUSED"
  /** The statements succeeded, the note of it in the ledger did not. */
  | "LEDGER_NOT_WRITTEN"
  /** A statement of the file ended the transaction that it was run in. */
  | "TRANSACTION_ENDED"

  // Migrations: why a statement failed, where there is advice for it.
  /** It may not be part of a transaction. */
  | "NOT_IN_TRANSACTION"
  /** It uses a value of an enum that is not committed yet. */
  | "ENUM_VALUE_UNCOMMITTED"
  /** The server cancelled it. */
  | "STATEMENT_CANCELLED"
  /** Nothing can be written: the database, role or session is read-only. */
  | "READ_ONLY"
  /** What it makes is there already. */
  | "ALREADY_EXISTS"
  /** Rows violate the constraint. */
  | "ROWS_VIOLATE"
  /** COPY has no standard input to read. */
  | "COPY_FROM_STDIN"
  /** It is a command of psql. */
  | "PSQL_COMMAND"

  // Migrations: corrections of the ledger.
  /** The migration is recorded as applied already. */
  | "ALREADY_APPLIED"
  /** The migration is not recorded as applied. */
  | "NOT_APPLIED"
  /** The file is what was applied. */
  | "NOT_EDITED"
  /** The folder has no such migration. */
  | "NO_SUCH_MIGRATION"
  /** The name could be any of several migrations. */
  | "AMBIGUOUS_MIGRATION"
  /** The ledger has rows, so that there is nothing to baseline. */
  | "LEDGER_NOT_EMPTY"
  /** The migrations folder is empty. */
  | "FOLDER_EMPTY"

  // Migrations: generate, rebase, conflicts, rehearsal.
  /** The generator asked a question, and nobody can answer. */
  | "GENERATOR_ASKED"
  /** The generator failed, or wrote nothing and complained. */
  | "GENERATOR_FAILED"
  /** The generator wrote a file that no journal lists. */
  | "NOT_IN_JOURNAL"
  /** Statements that no generator writes would be lost. */
  | "STATEMENTS_LOST"
  /** What was generated makes another schema than the two sides' migrations, or fails. */
  | "SCHEMA_DIFFERS"
  /** Git refs are in conflict with this checkout's migrations. */
  | "MIGRATIONS_CONFLICT"
  /** Git knows no branch, tag or commit of this name. */
  | "GIT_REF_UNKNOWN"
  /** The project's rule asks for the rehearsal that a flag leaves out. */
  | "REHEARSAL_REQUIRED";
