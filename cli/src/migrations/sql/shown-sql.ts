import { tokenAt } from "../../postgres/sql-token.ts";

const longestLine = 200;
const mostLines = 60;

/** A statement as it can be read on a terminal: a literal of megabytes, or a thousand rows, is cut. */
export function shownSql(sql: string): string[] {
  const lines = sql.split("\n");
  const shown = lines.slice(0, mostLines).map(cutLine);
  const left = lines.length - shown.length;
  return left === 0 ? shown : [...shown, `… and ${left} more ${left === 1 ? "line" : "lines"}`];
}

/** One line without comments at its end, cut where it gets long. */
export function onOneLine(sql: string, longest = 72): string {
  const line = sql.slice(0, endOf(sql)).trim().replace(/;$/, "").replace(/\s+/g, " ");
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}

/** Behind the last token that is no comment. */
function endOf(sql: string): number {
  let last = 0;
  for (let at = 0; at < sql.length; ) {
    const { kind, end } = tokenAt(sql, at);
    if (kind !== "space" && kind !== "comment") last = end;
    at = end;
  }
  return last;
}

function cutLine(line: string): string {
  const left = line.length - longestLine;
  return left <= 0 ? line : `${line.slice(0, longestLine)}… (${left.toLocaleString("en")} more)`;
}
