import { DsError } from "../../errors/ds-error.ts";
import { oneLine } from "../../lib/text/one-line.ts";
import { meaningOf } from "../../postgres/driver-messages.ts";
import type { ServerError } from "../../postgres/server-error.ts";
import { sqlState } from "../../postgres/sqlstate.ts";
import type { Migration } from "../folder/migration.ts";
import { offsetOfCharacter, placeOf, splitStatements } from "../sql/split-statements.ts";
import type { Step } from "../sql/steps.ts";
import { caret, serverNotes } from "./text.ts";

/**
 * Turns the server's word into one that names file, line and column.
 *
 * @param completed how many statements of the step had succeeded; used where the error has no position
 * @param committed names of the migrations that this run has committed before
 */
export function sqlFailure(
  migration: Migration,
  step: Step,
  error: ServerError,
  completed: number,
  committed: string[],
): DsError {
  const sql = sentText(migration);
  const statements = splitStatements(sql);
  if (error.position === undefined && completed >= step.statements) {
    return failureAtCommit(migration, step, error, committed);
  }
  const failing = step.before + completed;
  const offset =
    error.position === undefined
      ? (statements[failing]?.start ?? 0)
      : step.start + offsetOfCharacter(step.text, Number(error.position));
  const place = placeOf(sql, offset);
  const index =
    error.position === undefined
      ? failing
      : statements.findLastIndex((statement) => statement.start <= offset);
  const number = Math.min(Math.max(index, 0) + 1, statements.length);

  const lines = [
    `${migration.file}:${place.line}:${place.column}, statement ${number} of ${statements.length}: ` +
      `${oneLine(error.message)} (${error.code})`,
    ...caret(place.text, place.column),
  ];
  lines.push(...serverNotes(error), outcome(migration, step, committed));
  const before = sql.slice(statements[number - 2]?.start ?? 0, statements[number - 1]?.start);

  return new DsError("SQL_FAILED", lines.join("\n"), {
    hint: clientsOwn(error, place.text, before) ?? advice(error.code),
    details: {
      migration: migration.name,
      file: migration.file,
      line: place.line,
      column: place.column,
      statement: number,
      statements: statements.length,
      sqlState: error.code,
      committed,
      committedStatements: step.before,
    },
  });
}

/** Deferred constraints speak up when all statements have run. */
function failureAtCommit(
  migration: Migration,
  step: Step,
  error: ServerError,
  committed: string[],
): DsError {
  const lines = [
    `${migration.file}, at its commit: ${oneLine(error.message)} (${error.code})`,
    ...serverNotes(error),
    outcome(migration, step, committed),
  ];
  return new DsError("SQL_FAILED", lines.join("\n"), {
    hint: advice(error.code),
    details: { migration: migration.name, file: migration.file, sqlState: error.code, committed },
  });
}

/** The text that goes to the server: Postgres does not know byte order marks. */
export function sentText(migration: Migration): string {
  return migration.sql.replace(/^\ufeff/, "");
}

/** What a failure of this step leaves in the database. */
export function outcome({ name }: Migration, step: Step, committed: string[]): string {
  const before = committed.length > 0 ? `; committed before it: ${committed.join(", ")}` : "";
  if (step.before > 0) {
    const kept = step.before === 1 ? "first statement is" : `first ${step.before} statements are`;
    return `${name}: its ${kept} committed, the rest is not${before}.`;
  }
  const undone = step.alone ? "not applied" : "rolled back";
  return `${name} was ${undone}${before || "; nothing was committed"}.`;
}

/**
 * For what psql does by itself when it reads a script, such as one of pg_dump's.
 *
 * @param before the statement before the one that failed
 */
function clientsOwn({ code, message }: ServerError, line: string, before: string) {
  const readsInput = /^\s*copy\b[\s\S]*\bfrom\s+stdin\b/i;
  if (
    meaningOf(message) === "COPY_HAS_NO_INPUT" ||
    (code === sqlState.syntaxError && readsInput.test(before))
  ) {
    return "A migration has no standard input that COPY could read: write INSERTs, or load the rows with a seed.";
  }
  if (code === sqlState.syntaxError && /^\s*\\/.test(line)) {
    return "Lines that begin with a backslash are commands of psql, which the server does not know: take them out.";
  }
  return undefined;
}

export const readOnlyAdvice =
  "The database, the role or the migration makes transactions read-only " +
  "(default_transaction_read_only, SET TRANSACTION), or the server is a replica: use one that takes writes";

function advice(code: string): string {
  switch (code) {
    case sqlState.activeSqlTransaction:
    case sqlState.invalidTransactionTermination:
      return (
        "The statement cannot be part of a transaction. With -- ds:no-transaction as the file's first line " +
        "each of its statements is committed on its own."
      );
    case sqlState.unsafeNewEnumValueUsage:
      return (
        "A value that is added to an enum by EXECUTE or a function can be used once it is committed: " +
        "move the use into the next migration."
      );
    case sqlState.queryCanceled:
      return "The server cancelled the statement: see statement_timeout of the role or database.";
    case sqlState.readOnlySqlTransaction:
      return readOnlyAdvice;
    case sqlState.duplicateSchema:
    case sqlState.duplicateTable:
    case sqlState.duplicateColumn:
    case sqlState.duplicateObject:
    case sqlState.duplicateFunction:
      return (
        "It is there already. Where all that the file makes is, from before there were migrations or by hand: " +
        "`ds db resolve --applied` records that, `ds db baseline` of many at once. Otherwise correct the file, " +
        "then run `ds db migrate` again."
      );
    case sqlState.notNullViolation:
    case sqlState.foreignKeyViolation:
    case sqlState.uniqueViolation:
    case sqlState.checkViolation:
    case sqlState.exclusionViolation:
      return (
        "Rows stand in its way: ones that are there, or that the migration writes. " +
        "Correct them, in the database or in the file, then run `ds db migrate` again."
      );
    default:
      return "Correct the file, then run `ds db migrate` again.";
  }
}
