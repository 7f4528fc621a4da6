import type { ErrorReason } from "../../errors/error-reason.ts";
import type { ServerError } from "../../postgres/server-error.ts";
import { sqlState } from "../../postgres/sqlstate.ts";
import {
  addExtensionCommand,
  createdExtension,
  createExtensionSql,
  extensionOfType,
} from "../sql/extensions.ts";

/** The statement that failed, as the file has it. */
export interface FailedStatement {
  sql: string;
  /** The statement before it: what psql would read as COPY's input is an error of what comes after. */
  before: string;
  /** The line of the place that the server names. */
  line: string;
}

const byState = new Map<string, ErrorReason>([
  [sqlState.activeSqlTransaction, "NOT_IN_TRANSACTION"],
  [sqlState.invalidTransactionTermination, "NOT_IN_TRANSACTION"],
  [sqlState.unsafeNewEnumValueUsage, "ENUM_VALUE_UNCOMMITTED"],
  [sqlState.queryCanceled, "STATEMENT_CANCELLED"],
  [sqlState.readOnlySqlTransaction, "READ_ONLY"],
  [sqlState.duplicateSchema, "ALREADY_EXISTS"],
  [sqlState.duplicateTable, "ALREADY_EXISTS"],
  [sqlState.duplicateColumn, "ALREADY_EXISTS"],
  [sqlState.duplicateObject, "ALREADY_EXISTS"],
  [sqlState.duplicateFunction, "ALREADY_EXISTS"],
  [sqlState.notNullViolation, "ROWS_VIOLATE"],
  [sqlState.foreignKeyViolation, "ROWS_VIOLATE"],
  [sqlState.uniqueViolation, "ROWS_VIOLATE"],
  [sqlState.checkViolation, "ROWS_VIOLATE"],
  [sqlState.exclusionViolation, "ROWS_VIOLATE"],
]);

const readsInput = /^\s*copy\b[\s\S]*\bfrom\s+stdin\b/i;

/** What kind of failure it is, where there is advice for the kind. */
export function failureReason(
  { code }: Pick<ServerError, "code">,
  statement?: FailedStatement,
): ErrorReason | undefined {
  if (statement !== undefined) {
    // The driver has no input for it and breaks the COPY off.
    if (code === sqlState.queryCanceled && readsInput.test(statement.sql)) return "COPY_FROM_STDIN";
    if (code === sqlState.syntaxError && readsInput.test(statement.before))
      return "COPY_FROM_STDIN";
    if (code === sqlState.syntaxError && /^\s*\\/.test(statement.line)) return "PSQL_COMMAND";
    if (code === sqlState.featureNotSupported && createdExtension(statement.sql)) {
      return "EXTENSION_MISSING";
    }
    if (code === sqlState.undefinedObject && extensionOfType(statement.sql)) {
      return "EXTENSION_NOT_CREATED";
    }
  }
  return byState.get(code);
}

/** The one that a statement creates, or uses a type of; empty where there is none. */
export const extensionOf = (statement: FailedStatement | undefined): string =>
  createdExtension(statement?.sql ?? "") ?? extensionOfType(statement?.sql ?? "") ?? "";

export const readOnlyAdvice =
  "The database, the role or the migration makes transactions read-only " +
  "(default_transaction_read_only, SET TRANSACTION), or the server is a replica: use one that takes writes";

/**
 * @param command that runs the migrations again
 * @param statement the one that failed
 */
export function advice(
  reason: ErrorReason | undefined,
  command: string,
  statement?: FailedStatement,
): string {
  const extension = extensionOf(statement);
  switch (reason) {
    case "EXTENSION_MISSING":
      return (
        `Add it to the local engine's Postgres, then run \`${command}\` again: ${addExtensionCommand(extension)}. ` +
        "In Neon's cloud, only the extensions that Neon lists can be created."
      );
    case "EXTENSION_NOT_CREATED":
      return (
        `The type belongs to the extension ${extension}, which has to be created first: put \`${createExtensionSql(extension)}\` ` +
        `before this statement, then run \`${command}\` again.`
      );
    case "COPY_FROM_STDIN":
      return "A migration has no standard input that COPY could read: write INSERTs, or load the rows with a seed.";
    case "PSQL_COMMAND":
      return "Lines that begin with a backslash are commands of psql, which the server does not know: take them out.";
    case "NOT_IN_TRANSACTION":
      return (
        "The statement cannot be part of a transaction. With -- ds:no-transaction as the file's first line " +
        "each of its statements is committed on its own. A file that was applied elsewhere can stay as it is: run it by " +
        "hand here (psql -f), and record that with `ds db resolve --applied <migration>`."
      );
    case "ENUM_VALUE_UNCOMMITTED":
      return (
        "A value that is added to an enum by EXECUTE or a function can be used once it is committed: " +
        "move the use into the next migration."
      );
    case "STATEMENT_CANCELLED":
      return "The server cancelled the statement: see statement_timeout of the role or database.";
    case "READ_ONLY":
      return readOnlyAdvice;
    case "ALREADY_EXISTS":
      return (
        "It is there already. Where all that the file makes is, from before there were migrations or by hand: " +
        "`ds db resolve --applied` records that, `ds db baseline` of many at once. Otherwise correct the file, " +
        `then run \`${command}\` again.`
      );
    case "ROWS_VIOLATE":
      return (
        "Rows stand in its way: ones that are there, or that the migration writes. " +
        `Correct them, in the database or in the file, then run \`${command}\` again.`
      );
    default:
      return `Correct the file, then run \`${command}\` again.`;
  }
}
