import { cutToWidth, graphemes, textWidth } from "../../lib/terminal/width.ts";
import { oneLine } from "../../lib/text/one-line.ts";
import type { ServerError } from "../../postgres/server-error.ts";

const widestLine = 110;
const wideBlank = "\u3000";

export function serverNotes({ detail, hint, where }: ServerError): string[] {
  const notes: string[] = [];
  if (detail !== undefined) notes.push(`  detail: ${oneLine(detail)}`);
  if (hint !== undefined) notes.push(`  hint: ${oneLine(hint)}`);
  if (where !== undefined) notes.push(...contextNotes(where));
  return notes;
}

/** What ran, and (where that was in a block or function) on which line of it. */
function contextNotes(where: string): string[] {
  const lines = where.split("\n");
  const place = lines.findIndex((line) => /^PL\/\w+ function /.test(line));
  const context = `  context: ${cutToWidth(oneLine(lines.slice(0, Math.max(place, 1)).join("\n")), widestLine)}`;
  return place <= 0 ? [context] : [context, `           ${lines[place]}`];
}

/**
 * The line and a sign below the column; a long line is cut to the part around it.
 *
 * @param column in characters, as servers count, from 1
 */
export function caret(text: string, column: number): string[] {
  const letters = [...graphemes(text)];
  let at = 0;
  for (let next = 1; at < letters.length; at += 1) {
    next += [...(letters[at] ?? "")].length;
    if (next > column) break;
  }
  const from = at >= widestLine ? at + 1 - Math.floor(widestLine / 2) : 0;
  const shown = letters.slice(from, from + widestLine);
  // Tabs stay tabs and wide letters wide, so that the sign stands below its letter.
  const indent = shown
    .slice(0, at - from)
    .map((letter) => (letter === "\t" ? "\t" : blanks[textWidth(letter)]));
  return shown.length === 0 ? [] : [`  ${shown.join("")}`, `  ${indent.join("")}^`];
}

/** By width. */
const blanks = ["", " ", wideBlank];
