import { tokenAt } from "../../postgres/sql-token.ts";
import { type Part, splitPieces } from "./pieces.ts";

export interface Statement {
  /** Offset of the first token, in UTF-16 units. */
  start: number;
  /** Offset behind its last token; its semicolon is none. */
  end: number;
  /** Which of the texts between Drizzle's breakpoints it is in, from 0. */
  piece: number;
  /** The first words, lower case; quoted identifiers and symbols are not words. */
  words: string[];
}

const wordsKept = 4;

/** The statements of a file, piece by piece: none goes beyond Drizzle's breakpoints. */
export function splitStatements(sql: string): Statement[] {
  return splitPieces(sql).pieces.flatMap(statementsIn);
}

/** Semicolons in parentheses and in `BEGIN ATOMIC` bodies end no statement. */
function statementsIn({ start: offset, text: sql }: Part, piece: number): Statement[] {
  const statements: Statement[] = [];
  let current: Statement | undefined;
  let parentheses = 0;
  let body = 0;

  let end = 0;
  for (let start = 0; start < sql.length; start = end) {
    const token = tokenAt(sql, start);
    end = token.end;
    if (token.kind === "space" || token.kind === "comment") continue;
    const symbol = token.kind === "symbol" ? sql[start] : undefined;
    if (symbol === ";" && parentheses === 0 && body === 0) {
      current = undefined;
      continue;
    }
    if (current === undefined) {
      current = { start: offset + start, end: 0, piece, words: [] };
      statements.push(current);
      parentheses = 0;
      body = 0;
    }
    current.end = offset + end;
    if (token.kind === "word") {
      const word = sql.slice(start, end).toLowerCase();
      if (current.words.length < wordsKept) current.words.push(word);
      if (parentheses === 0 && definesRoutine(current.words)) body = bodyDepth(body, word);
    } else if (symbol === "(") {
      parentheses += 1;
    } else if (symbol === ")") {
      parentheses = Math.max(0, parentheses - 1);
    }
  }
  return statements;
}

/** Only the bodies of `BEGIN ATOMIC ... END` hold semicolons outside of quotes. */
function definesRoutine(words: string[]): boolean {
  if (words[0] !== "create") return false;
  const noun = words[1] === "or" && words[2] === "replace" ? words[3] : words[1];
  return noun === "function" || noun === "procedure";
}

function bodyDepth(depth: number, word: string): number {
  if (word === "begin" || (word === "case" && depth > 0)) return depth + 1;
  return word === "end" && depth > 0 ? depth - 1 : depth;
}

export interface Place {
  /** Both count from 1; columns count characters, not bytes. */
  line: number;
  column: number;
  /** The whole line, without its end. */
  text: string;
}

/** The place of an offset that is given in UTF-16 units. */
export function placeOf(sql: string, offset: number): Place {
  const before = sql.slice(0, offset);
  const lineStart = before.lastIndexOf("\n") + 1;
  const lineEnd = sql.indexOf("\n", offset);
  const text = sql.slice(lineStart, lineEnd === -1 ? sql.length : lineEnd).replace(/\r$/, "");
  return {
    line: before.split("\n").length,
    column: [...before.slice(lineStart)].length + 1,
    text,
  };
}

/** Postgres counts characters from 1; JavaScript counts UTF-16 units from 0. */
export function offsetOfCharacter(sql: string, character: number): number {
  let offset = 0;
  for (let seen = 1; seen < character && offset < sql.length; seen += 1) {
    offset += (sql.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  }
  return offset;
}
