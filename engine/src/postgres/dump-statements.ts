/**
 * What pg_dump prints, cut into statements. Names and texts in it are a client's: a statement ends where
 * it ends for the server, whatever looks like an end inside of strings, names and bodies.
 */

/** A dump that replays in two parts. */
interface DumpParts {
  /** Makes everything. Expressions may be evaluated meanwhile, so this is not for a superuser. */
  creation: string[];
  /** Gives it to its owners and tells privileges: nothing is evaluated, and only a superuser may. */
  handOver: string[];
}

export function splitDump(text: string): DumpParts {
  const statements = statementsOf(text);
  // With "off" a backslash would end strings elsewhere than is read here.
  if (!statements.some(({ sql }) => sql === "SET standard_conforming_strings = on")) {
    throw new Error("the dump does not say how its strings are written");
  }
  const parts: DumpParts = { creation: [], handOver: [] };
  for (const statement of statements) {
    parts[isHandOver(statement) ? "handOver" : "creation"].push(statement.sql);
  }
  return parts;
}

interface Statement {
  sql: string;
  /** Keywords and unquoted names outside of parentheses; a quoted name is "". */
  words: string[];
}

function isHandOver({ words }: Statement): boolean {
  const start = words.slice(0, 3).join(" ");
  return (
    /^(GRANT|REVOKE|ALTER DEFAULT PRIVILEGES|COMMENT ON EXTENSION|(SET|RESET) SESSION AUTHORIZATION)\b/.test(
      start,
    ) ||
    (words[0] === "ALTER" && words.at(-3) === "OWNER" && words.at(-2) === "TO")
  );
}

// In this order: 1 what is between tokens, 2 E-strings, 3 quoted names, 4 dollar quotes, 5 words, 6 comments, 7 symbols
// that count. Groups have numbers, as a dump has millions of tokens.
const token =
  /((?:\s+|--[^\n]*)+)|([eE]')|'[^']*'|("[^"]*")|(\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)|([A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)|(\/\*)|[0-9.,:=<>+[\]]+|([\s\S])/y;

function statementsOf(text: string): Statement[] {
  const statements: Statement[] = [];
  let start = -1;
  let words: string[] = [];
  let parentheses = 0;
  let body = 0;
  for (let at = 0, end = 0; at < text.length; at = end) {
    token.lastIndex = at;
    const [, skipped, escaped, name, dollar, word, comment, symbol] = token.exec(text) ?? [];
    end = token.lastIndex;
    if (skipped !== undefined) continue;
    if (comment !== undefined) throw new Error("the dump has a comment that pg_dump never prints");
    if (symbol === "'" || symbol === '"') throw new Error("the dump ends within a string");
    if (symbol === ";" && parentheses === 0 && body === 0) {
      if (start >= 0) statements.push({ sql: text.slice(start, at).trimEnd(), words });
      start = -1;
      words = [];
      continue;
    }
    if (start < 0) start = at;
    if (escaped !== undefined) end = behindEscaped(text, end);
    if (dollar !== undefined) end = behind(text, dollar, end);
    if (symbol === "(") parentheses += 1;
    if (symbol === ")") parentheses -= 1;
    if (parentheses > 0) continue;
    // A doubled quotation mark within a name makes it two tokens.
    if (name !== undefined && text[at - 1] !== '"') words.push("");
    if (word === undefined) continue;
    words.push(word);
    if (/^(begin|case|end)$/i.test(word) && definesRoutine(words)) {
      body = depthOfBody(body, word.toLowerCase());
    }
  }
  if (start >= 0) throw new Error("the dump ends within a statement");
  return statements;
}

const definesRoutine = (words: readonly string[]): boolean =>
  /^CREATE (OR REPLACE )?(FUNCTION|PROCEDURE) /.test(words.slice(0, 5).join(" "));

/** Only bodies between `BEGIN ATOMIC` and `END` hold semicolons outside of quotes. */
function depthOfBody(depth: number, word: string): number {
  if (word === "begin" || (word === "case" && depth > 0)) return depth + 1;
  return word === "end" && depth > 0 ? depth - 1 : depth;
}

function behind(text: string, mark: string, from: number): number {
  const found = text.indexOf(mark, from);
  if (found < 0) throw new Error("the dump ends within a string");
  return found + mark.length;
}

/** The rest of `E'…'`, in which a backslash takes the next character with it. */
function behindEscaped(text: string, from: number): number {
  const next = /\\[\s\S]|''?/g;
  next.lastIndex = from;
  for (;;) {
    const match = next.exec(text);
    if (match === null) throw new Error("the dump ends within a string");
    if (match[0] === "'") return next.lastIndex;
  }
}
