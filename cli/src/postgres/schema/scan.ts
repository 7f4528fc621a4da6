import { type TokenKind, tokenAt } from "../sql-token.ts";

/** Where parts of pg_dump's text end: what is quoted or in brackets belongs together. */

export interface NestedToken {
  kind: TokenKind;
  at: number;
  end: number;
  /** As it is written. */
  text: string;
  /** How many brackets of any kind are open before it. */
  depth: number;
}

export function* tokensOf(sql: string): Generator<NestedToken> {
  let depth = 0;
  for (let at = 0; at < sql.length; ) {
    const { kind, end } = tokenAt(sql, at);
    const text = sql.slice(at, end);
    if (text === ")" || text === "]") depth--;
    yield { kind, at, end, text, depth };
    if (text === "(" || text === "[") depth++;
    at = end;
  }
}

/** The parts between separators that are neither quoted nor in brackets, trimmed; empty ones left out. */
export function splitTopLevel(sql: string, separator: "," | ";"): string[] {
  const parts: string[] = [];
  let start = 0;
  for (const { at, depth, end, text } of tokensOf(sql)) {
    if (text !== separator || depth > 0) continue;
    parts.push(sql.slice(start, at));
    start = end;
  }
  parts.push(sql.slice(start));
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

/** Text around, and elements within, the first parentheses; undefined when there are none. */
export function inParentheses(
  sql: string,
): { before: string; elements: string[]; after: string } | undefined {
  let open: NestedToken | undefined;
  for (const token of tokensOf(sql)) {
    if (token.text === "(") open ??= token;
    else if (token.text === ")" && token.depth === open?.depth) {
      return {
        before: sql.slice(0, open.at).trim(),
        elements: splitTopLevel(sql.slice(open.end, token.at), ","),
        after: sql.slice(token.end).trim(),
      };
    }
  }
  return undefined;
}

/** One identifier at the beginning, as it is written, and what follows it. */
export function leadingIdentifier(sql: string): { name: string; rest: string } {
  const isQuoted = sql.startsWith('"');
  const end = isQuoted ? tokenAt(sql, 0).end : /^\S*/.exec(sql)?.[0].length;
  const written = sql.slice(0, end);
  return {
    name: isQuoted ? written.slice(1, -1).replaceAll('""', '"') : written,
    rest: sql.slice(written.length).trim(),
  };
}
