/**
 * Just enough of Postgres' lexer to tell where statements begin: strings, comments, dollar quotes,
 * parentheses and `BEGIN ATOMIC` bodies are seen through. What a statement means is the server's
 * business.
 */

export interface Statement {
  /** Offset of the first token, in UTF-16 units. */
  start: number;
  /** The first words, lower case; quoted identifiers and symbols are not words. */
  words: string[];
}

const wordsKept = 4;

// Sticky, in this order: what is skipped whole, then words, then any other character.
const token = new RegExp(
  [
    String.raw`(?<space>\s+|--[^\n]*)`,
    String.raw`(?<comment>/\*)`,
    `(?<escaped>[eE]')`,
    `(?<quoted>['"])`,
    String.raw`(?<dollar>\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)`,
    String.raw`(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`,
    String.raw`(?<other>[0-9]+|[\s\S])`,
  ].join("|"),
  "y",
);

export function splitStatements(sql: string): Statement[] {
  const statements: Statement[] = [];
  let current: Statement | undefined;
  let parentheses = 0;
  let body = 0;

  let position = 0;
  while (position < sql.length) {
    token.lastIndex = position;
    const groups = token.exec(sql)?.groups ?? {};
    const start = position;
    position = token.lastIndex;

    if (groups.space !== undefined) continue;
    if (groups.comment !== undefined) {
      position = endOfComment(sql, position);
      continue;
    }
    if (groups.other === ";" && parentheses === 0 && body === 0) {
      current = undefined;
      continue;
    }
    if (current === undefined) {
      current = { start, words: [] };
      statements.push(current);
      parentheses = 0;
      body = 0;
    }
    if (groups.escaped !== undefined) {
      position = endOfEscaped(sql, position);
    } else if (groups.quoted !== undefined) {
      position = endOfQuoted(sql, position, groups.quoted);
    } else if (groups.dollar !== undefined) {
      const end = sql.indexOf(groups.dollar, position);
      position = end === -1 ? sql.length : end + groups.dollar.length;
    } else if (groups.word !== undefined) {
      const word = groups.word.toLowerCase();
      if (current.words.length < wordsKept) current.words.push(word);
      if (parentheses === 0 && definesRoutine(current.words)) body = bodyDepth(body, word);
    } else if (groups.other === "(") {
      parentheses += 1;
    } else if (groups.other === ")") {
      parentheses = Math.max(0, parentheses - 1);
    }
  }
  return statements;
}

/** BEGIN, COMMIT and their kin: they would end the transaction that a migration runs in. */
export function controlsTransaction(statement: Statement): boolean {
  const [first, second, third] = statement.words;
  switch (first) {
    case "begin":
    case "commit":
    case "end":
    case "abort":
      return true;
    case "start":
    case "prepare":
      return second === "transaction";
    case "rollback":
      return second !== "to" && third !== "to";
    default:
      return false;
  }
}

/** Postgres nests comments. An open one swallows the rest, as the server would report. */
function endOfComment(sql: string, from: number): number {
  const edge = /\/\*|\*\//g;
  edge.lastIndex = from;
  let depth = 1;
  while (depth > 0) {
    const match = edge.exec(sql);
    if (match === null) return sql.length;
    depth += match[0] === "/*" ? 1 : -1;
  }
  return edge.lastIndex;
}

/** Strings can be megabytes long: a regular expression for the whole of one would overflow its stack. */
function endOfQuoted(sql: string, from: number, quote: string): number {
  for (let position = from; ; ) {
    const end = sql.indexOf(quote, position);
    if (end === -1) return sql.length;
    if (sql[end + 1] !== quote) return end + 1;
    position = end + 2;
  }
}

/** The rest of `E'...'`, in which a backslash takes the next character with it. */
function endOfEscaped(sql: string, from: number): number {
  const next = /\\|''?/g;
  next.lastIndex = from;
  for (;;) {
    const match = next.exec(sql);
    if (match === null) return sql.length;
    if (match[0] === "'") return next.lastIndex;
    if (match[0] === "\\") next.lastIndex += 1;
  }
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
