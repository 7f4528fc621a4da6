import { tokenAt } from "./sql-token.ts";

export interface SqlStatement {
  /** Offset of the first token, in UTF-16 units. */
  start: number;
  /** Offset behind its last token; its semicolon is none. */
  end: number;
  /** The first words, lower case; quoted identifiers and symbols are not words. */
  words: string[];
  /** A semicolon ends it, and not the text. */
  isEnded: boolean;
}

const wordsKept = 4;

/** The statements of an SQL text. Semicolons in parentheses and in `BEGIN ATOMIC` bodies end none. */
export function statementsOf(sql: string): SqlStatement[] {
  const statements: SqlStatement[] = [];
  let current: SqlStatement | undefined;
  let parentheses = 0;
  let body = 0;

  let end = 0;
  for (let start = 0; start < sql.length; start = end) {
    const token = tokenAt(sql, start);
    end = token.end;
    if (token.kind === "space" || token.kind === "comment") continue;
    const symbol = token.kind === "symbol" ? sql[start] : undefined;
    if (symbol === ";" && parentheses === 0 && body === 0) {
      if (current !== undefined) current.isEnded = true;
      current = undefined;
      continue;
    }
    if (current === undefined) {
      current = { start, end: 0, words: [], isEnded: false };
      statements.push(current);
      parentheses = 0;
      body = 0;
    }
    current.end = end;
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
