import { DsError, type DsErrorOptions } from "../../errors/ds-error.ts";
import { oneLine } from "../../lib/text/one-line.ts";
import type { ServerError } from "../../postgres/server-error.ts";
import { placeOf } from "../../postgres/sql-place.ts";
import { sentText } from "../folder/migration.ts";
import { sentStatements } from "../sql/transaction-control.ts";
import { advice, extensionOf, failureReason } from "./advice.ts";
import { outcome, type RunningStep } from "./running-step.ts";
import { caret, serverNotes } from "./text.ts";

/** A statement of a migration that the server refused; `details` have its place. */
export class SqlFailed extends DsError {
  /** The migration's name. */
  readonly migration: string;
  /** The place and the server's word, on one line. */
  readonly headline: string;
  /** It came with the commit: deferred constraints speak up when all statements have run. */
  readonly atCommit: boolean;

  constructor(
    { migration }: RunningStep,
    lines: string[],
    { atCommit = false, ...options }: DsErrorOptions & { atCommit?: boolean },
  ) {
    super("SQL_FAILED", lines.join("\n"), options);
    this.migration = migration.name;
    this.headline = lines[0] ?? "";
    this.atCommit = atCommit;
  }
}

/**
 * Turns the server's word into one that names file, line and column.
 *
 * @param completed how many statements of the step had succeeded; used where the error has no place
 */
export function sqlFailure(running: RunningStep, error: ServerError, completed: number): SqlFailed {
  const { migration, step, committed, command } = running;
  const sql = sentText(migration);
  const statements = sentStatements(sql);
  if (error.offset === undefined && completed >= step.statements) {
    return failureAtCommit(running, error);
  }
  const failing = step.before + completed;
  const offset = error.offset ?? statements[failing]?.start ?? 0;
  const place = placeOf(sql, offset);
  const index =
    error.offset === undefined
      ? failing
      : statements.findLastIndex((statement) => statement.start <= offset);
  const number = Math.min(Math.max(index, 0) + 1, statements.length);
  const statement = (at: number) =>
    at < 1 ? "" : sql.slice(statements[at - 1]?.start, statements[at]?.start);
  const failed = { sql: statement(number), before: statement(number - 1), line: place.text };
  const reason = failureReason(error, failed);
  const extension = reason?.startsWith("EXTENSION_") ? extensionOf(failed) : undefined;
  return new SqlFailed(
    running,
    [
      `${migration.file}:${place.line}:${place.column}, statement ${number} of ${statements.length}: ` +
        `${oneLine(error.message)} (${error.code})`,
      ...caret(place.text, place.column),
      ...serverNotes(error),
      outcome(running),
    ],
    {
      reason,
      hint: advice(reason, command, failed),
      details: {
        ...(extension === undefined ? {} : { extension }),
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
    },
  );
}

function failureAtCommit(running: RunningStep, error: ServerError): SqlFailed {
  const { migration, committed, command } = running;
  const reason = failureReason(error);
  return new SqlFailed(
    running,
    [
      `${migration.file}, at its commit: ${oneLine(error.message)} (${error.code})`,
      ...serverNotes(error),
      outcome(running),
    ],
    {
      atCommit: true,
      reason,
      hint: advice(reason, command),
      details: { migration: migration.name, file: migration.file, sqlState: error.code, committed },
    },
  );
}
