import { wantsNoTransaction } from "../sql/parsed-statement.ts";
import { controlsTransaction, placeOf, splitStatements } from "../sql/split-statements.ts";
import { sha256 } from "./content-hash.ts";
import type { Migration } from "./migration.ts";
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

/** Files whose own BEGIN or COMMIT would end the transaction that they are run in. */
export function transactionControl(migrations: Migration[]): FolderProblem[] {
  return migrations.flatMap(({ file, sql }): FolderProblem[] => {
    const statement = splitStatements(sql).find(controlsTransaction);
    if (statement === undefined) return [];
    const { line, column } = placeOf(sql, statement.start);
    const word = statement.words[0]?.toUpperCase();
    const why = wantsNoTransaction(sql)
      ? "whose statements are each committed on their own (-- ds:no-transaction)"
      : "which is one transaction already";
    const text = `${file}:${line}:${column}: ${word} inside a migration, ${why}`;
    return [{ reason: "TRANSACTION_CONTROL", file, line, column, text }];
  });
}
