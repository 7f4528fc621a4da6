/** Just enough of SQL's lexical rules to find where quoted text, and what is in parentheses, ends. */

/** Index after the string, identifier, dollar quote or block comment that begins at `at`; `at` if none does. */
export function skipQuoted(sql: string, at: number): number {
  const first = sql[at];
  if (first === "'") return afterString(sql, at);
  if (first === '"') return afterMark(sql, '"', at + 1);
  if (first === "$" && !isWord(sql[at - 1])) {
    const mark = /^\$(?:[\p{L}_][\p{L}\p{N}_]*)?\$/u.exec(sql.slice(at, at + 70))?.[0];
    return mark ? afterMark(sql, mark, at + mark.length) : at;
  }
  if (first === "/" && sql[at + 1] === "*") return afterMark(sql, "*/", at + 2);
  return at;
}

/** A doubled quote needs no care: it reads as the end of one string and the beginning of the next. */
function afterString(sql: string, at: number): number {
  const escapes = /[eE]/.test(sql[at - 1] ?? "") && !isWord(sql[at - 2]);
  if (!escapes) return afterMark(sql, "'", at + 1);
  for (let i = at + 1; i < sql.length; i++) {
    if (sql[i] === "\\") i++;
    else if (sql[i] === "'") return i + 1;
  }
  return sql.length;
}

function afterMark(sql: string, mark: string, from: number): number {
  const found = sql.indexOf(mark, from);
  return found < 0 ? sql.length : found + mark.length;
}

const isWord = (char: string | undefined) => char !== undefined && /[\p{L}\p{N}_$]/u.test(char);

/** The parts between separators that are neither quoted nor in brackets, trimmed; empty ones left out. */
export function splitTopLevel(sql: string, separator: "," | ";"): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < sql.length; ) {
    const after = skipQuoted(sql, i);
    if (after > i) {
      i = after;
      continue;
    }
    if (sql[i] === "(" || sql[i] === "[") depth++;
    else if (sql[i] === ")" || sql[i] === "]") depth--;
    else if (sql[i] === separator && depth === 0) {
      parts.push(sql.slice(start, i));
      start = i + 1;
    }
    i++;
  }
  parts.push(sql.slice(start));
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

/** Text around, and elements within, the first parentheses; undefined when there are none. */
export function inParentheses(
  sql: string,
): { before: string; elements: string[]; after: string } | undefined {
  let depth = 0;
  let open = -1;
  for (let i = 0; i < sql.length; ) {
    const next = skipQuoted(sql, i);
    if (next > i) {
      i = next;
      continue;
    }
    if (sql[i] === "(" && depth++ === 0) open = i;
    else if (sql[i] === ")" && --depth === 0) {
      return {
        before: sql.slice(0, open).trim(),
        elements: splitTopLevel(sql.slice(open + 1, i), ","),
        after: sql.slice(i + 1).trim(),
      };
    }
    i++;
  }
  return undefined;
}

/** One identifier at the beginning, as it is written, and what follows it. */
export function leadingIdentifier(sql: string): { name: string; rest: string } {
  const end = sql.startsWith('"') ? quotedEnd(sql) : /^\S*/.exec(sql)?.[0].length;
  const written = sql.slice(0, end);
  return { name: unquote(written), rest: sql.slice(written.length).trim() };
}

function quotedEnd(sql: string): number {
  let end = skipQuoted(sql, 0);
  while (sql[end] === '"') end = skipQuoted(sql, end);
  return end;
}

const unquote = (written: string) =>
  written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written;
