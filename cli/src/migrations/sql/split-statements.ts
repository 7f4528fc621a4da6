import { type SqlStatement, statementsOf } from "../../postgres/sql-statements.ts";
import { splitPieces } from "./pieces.ts";

export interface Statement extends Omit<SqlStatement, "isEnded"> {
  /** Which of the texts between Drizzle's breakpoints it is in, from 0. */
  piece: number;
}

/** The statements of a file, piece by piece: none goes beyond Drizzle's breakpoints. */
export function splitStatements(sql: string): Statement[] {
  return splitPieces(sql).pieces.flatMap(({ start: offset, text }, piece) =>
    statementsOf(text).map(({ start, end, words }) => ({
      start: offset + start,
      end: offset + end,
      piece,
      words,
    })),
  );
}
