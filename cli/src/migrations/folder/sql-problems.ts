import { placeOf } from "../../postgres/sql-place.ts";
import { cutMigration } from "../sql/parse.ts";
import { splitPieces } from "../sql/pieces.ts";
import { onOneLine } from "../sql/shown-sql.ts";
import type { ControlProblem } from "../sql/steps.ts";
import { sha256 } from "./content-hash.ts";
import { type Migration, sentText } from "./migration.ts";
import type { FolderProblem } from "./problem.ts";

/** `=======` alone is a common underline in comments, so the outer two decide. */
export function conflictMarkers(file: string, text: string): FolderProblem[] {
  const match = /^(?:<{7}|>{7})(?: |\r?$)/m.exec(text);
  if (match === null) return [];
  const { line } = placeOf(text, match.index);
  const shown = `${file}:${line} holds a conflict marker of a git merge`;
  return [{ reason: "CONFLICT_MARKER", file, line, text: shown }];
}

/** Files that would reach the server as something else than what they say. */
export function encodingProblems(migrations: Migration[]): FolderProblem[] {
  return migrations.flatMap(({ file, sql, hash }): FolderProblem[] => {
    if (sql.includes("\0")) {
      const text = `${file} holds NUL characters: it is UTF-16, or no text`;
      return [{ reason: "NOT_UTF8", file, text }];
    }
    if (sha256(sql) === hash) return [];
    const { line } = placeOf(sql, sql.indexOf("\ufffd"));
    return [{ reason: "NOT_UTF8", file, line, text: `${file}:${line} is not UTF-8` }];
  });
}

/** Statements that end or undo what they are run in, in a way that no cutting of the file gives a meaning. */
export async function transactionControl(
  migrations: readonly Migration[],
): Promise<FolderProblem[]> {
  const problems: FolderProblem[] = [];
  for (const migration of migrations) {
    const sql = sentText(migration);
    for (const { reason, statement } of (await cutMigration(sql)).problems) {
      const { line, column } = placeOf(sql, statement.start);
      const { file } = migration;
      const words = onOneLine(sql.slice(statement.start, statement.end), 40);
      const text = `${file}:${line}:${column}: ${words}: ${controlTexts[reason]}`;
      problems.push({ reason: "TRANSACTION_CONTROL", file, line, column, text });
    }
  }
  return problems;
}

const controlTexts: Record<ControlProblem["reason"], string> = {
  UNDOES: "it would undo, or leave unfinished, what the migration has done before",
  SAVEPOINT_GONE: "its savepoint is not one of the same transaction",
  MODES_LATE: "the transaction has begun before it, so its modes come too late",
  NOTHING_TO_CHAIN: "no transaction is open here",
  NO_BATCHES:
    "in batches goes only an UPDATE that changes no row twice: UPDATE t SET a = … WHERE a IS NULL, of one table, without FROM, WITH and RETURNING",
};

/** Where Drizzle's breakpoint stands in a string or block: it splits there, and the server refuses both halves. */
export function enclosedBreakpoints(migration: Migration): { line: number } | undefined {
  const sql = sentText(migration);
  const [first] = splitPieces(sql).enclosed;
  return first === undefined ? undefined : placeOf(sql, first);
}
