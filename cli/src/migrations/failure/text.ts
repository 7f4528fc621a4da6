import { isWide } from "../../lib/terminal/width.ts";
import type { ServerError } from "../../postgres/server-error.ts";

const widestLine = 110;
const wideBlank = "\u3000";

/** As a part of a sentence: a server's message may have lines. */
export const oneLine = (text: string): string => text.replace(/\s*\n\s*/g, " ").trim();

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
  const context = `  context: ${cut(oneLine(lines.slice(0, Math.max(place, 1)).join("\n")))}`;
  return place <= 0 ? [context] : [context, `           ${lines[place]}`];
}

const cut = (line: string): string =>
  line.length > widestLine ? `${line.slice(0, widestLine - 1)}…` : line;

/** The line and a sign below the column; a long line is cut to the part around it. */
export function caret(text: string, column: number): string[] {
  const characters = [...text];
  const from = column > widestLine ? column - Math.floor(widestLine / 2) : 0;
  const shown = characters.slice(from, from + widestLine);
  // Tabs stay tabs and wide characters wide, so that the sign stands below its character.
  const indent = shown
    .slice(0, column - 1 - from)
    .map((character) => (character === "\t" ? "\t" : isWide(character) ? wideBlank : " "));
  return shown.length === 0 ? [] : [`  ${shown.join("")}`, `  ${indent.join("")}^`];
}
