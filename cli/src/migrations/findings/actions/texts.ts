import { tokenAt } from "../../../postgres/sql-token.ts";

/**
 * The expressions of a statement in its own words: a probe runs them as they stand. The parser gives no end of them,
 * so they are cut out by keyword, in the order in which they are written.
 */
export interface ExpressionTexts {
  /** What is in the parentheses of each CHECK. */
  checks: string[];
  /** What is behind each USING of ALTER COLUMN … TYPE. */
  usings: string[];
}

interface Word {
  text: string;
  start: number;
  end: number;
  depth: number;
}

export function expressionTexts(sql: string): ExpressionTexts {
  const words = wordsOf(sql);
  const checks: string[] = [];
  const usings: string[] = [];
  for (const [at, word] of words.entries()) {
    const next = words[at + 1];
    if (word.text === "check" && next?.text === "(") {
      const close = words.findIndex(
        (one, index) => index > at + 1 && one.text === ")" && one.depth === next.depth,
      );
      if (close !== -1) checks.push(sql.slice(next.end, (words[close] as Word).start).trim());
    }
    if (word.text === "using" && word.depth === 0 && isOfType(words, at)) {
      const end = words.find((one, index) => index > at && one.depth === 0 && one.text === ",");
      usings.push(sql.slice(word.end, end?.start).trim());
    }
  }
  return { checks, usings };
}

/** Not that of EXCLUDE USING gist, USING INDEX or SET ACCESS METHOD. */
function isOfType(words: readonly Word[], at: number): boolean {
  if (words[at + 1]?.text === "index" || words[at - 1]?.text === "exclude") return false;
  const from = words.findLastIndex(
    (one, index) => index < at && one.depth === 0 && one.text === ",",
  );
  return words.slice(from + 1, at).some(({ depth, text }) => depth === 0 && text === "type");
}

/** Words in lower case, and symbols; a closing parenthesis has the depth of its opening one. */
function wordsOf(sql: string): Word[] {
  const words: Word[] = [];
  let depth = 0;
  for (let start = 0; start < sql.length; ) {
    const { end, kind } = tokenAt(sql, start);
    const text = sql.slice(start, end);
    if (text === ")") depth -= 1;
    if (kind === "word" || kind === "symbol" || kind === "name" || kind === "string") {
      words.push({ text: kind === "word" ? text.toLowerCase() : text, start, end, depth });
    }
    if (text === "(") depth += 1;
    start = end;
  }
  return words;
}
