import { cutToWidth } from "../../lib/terminal/width.ts";

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
  const lines = sql.split("\n");
  while (/^\s*(?:--|$)/.test(lines.at(-1) ?? "x")) lines.pop();
  const last = lines.pop() ?? "";
  const comment = last.indexOf("--");
  lines.push(comment === -1 ? last : last.slice(0, comment));
  return cutToWidth(lines.join("\n").trim().replace(/;$/, "").replace(/\s+/g, " "), longest);
}

function cutLine(line: string): string {
  const shown = cutToWidth(line, longestLine, "");
  const left = line.length - shown.length;
  return left === 0 ? line : `${shown}… (${left.toLocaleString("en")} more)`;
}
