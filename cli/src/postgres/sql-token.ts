/**
 * Just enough of Postgres' lexer for whoever cuts SQL text into parts: strings, comments, dollar quotes and quoted
 * names are seen through whole. What the text means is the server's business.
 */

export type TokenKind =
  /** Blanks and line ends; of those that are not ASCII Postgres knows none. */
  | "space"
  /** `-- …` to the end of its line (a carriage return is one), or a block with those that are nested in it. */
  | "comment"
  /** `'…'`, `E'…'`, `$tag$…$tag$`. */
  | "string"
  /** A quoted identifier. */
  | "name"
  /** A keyword or identifier. */
  | "word"
  /** A number, or any other single character. */
  | "symbol";

export interface Token {
  kind: TokenKind;
  /** Offset behind it, in UTF-16 units. What is not closed goes to the end of the text. */
  end: number;
}

// Sticky, in this order. All that is not ASCII is part of a word, as it is to Postgres.
const beginning = new RegExp(
  [
    String.raw`(?<space>[ \t\n\r\f\v]+)`,
    String.raw`(?<line>--[^\n\r]*)`,
    String.raw`(?<block>/\*)`,
    `(?<escaped>[eE]')`,
    `(?<quote>['"])`,
    String.raw`(?<dollar>\$(?:[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)?\$)`,
    String.raw`(?<word>[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*)`,
    String.raw`(?<symbol>[0-9]+|[\s\S])`,
  ].join("|"),
  "y",
);

/** The token that begins at `at`, which has to be the end of another one or the beginning of the text. */
export function tokenAt(sql: string, at: number): Token {
  beginning.lastIndex = at;
  const groups = beginning.exec(sql)?.groups ?? {};
  const end = beginning.lastIndex;
  if (groups.space !== undefined) return { kind: "space", end };
  if (groups.line !== undefined) return { kind: "comment", end };
  if (groups.block !== undefined) return { kind: "comment", end: endOfComment(sql, end) };
  if (groups.escaped !== undefined) return { kind: "string", end: endOfEscaped(sql, end) };
  if (groups.quote !== undefined) {
    const kind = groups.quote === "'" ? "string" : "name";
    return { kind, end: endOfQuoted(sql, end, groups.quote) };
  }
  if (groups.dollar !== undefined) {
    return { kind: "string", end: behind(sql, groups.dollar, end) };
  }
  return { kind: groups.word === undefined ? "symbol" : "word", end };
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
    const end = behind(sql, quote, position);
    if (sql[end] !== quote) return end;
    position = end + 1;
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

function behind(sql: string, mark: string, from: number): number {
  const found = sql.indexOf(mark, from);
  return found === -1 ? sql.length : found + mark.length;
}
