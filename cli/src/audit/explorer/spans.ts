import stringWidth from "string-width";
import type { Signs } from "./capabilities.ts";

export type Tone = "plain" | "dim" | "bold" | "good" | "warn" | "bad" | "accent";

/** A piece of a line. */
export interface Span {
  text: string;
  tone: Tone;
}

export interface Line {
  spans: Span[];
  /** Shown as the one that the cursor is on. */
  selected?: boolean;
}

export const span = (text: string, tone: Tone = "plain"): Span => ({ text, tone });

export const line = (...spans: (Span | string)[]): Line => ({
  spans: spans.map((item) => (typeof item === "string" ? span(item) : item)),
});

const printable = /^[\x20-\x7e]*$/;

/** Columns that a text takes. */
export const width = (text: string): number =>
  printable.test(text) ? text.length : stringWidth(text);

export const widthOf = ({ spans }: Line): number =>
  spans.reduce((sum, { text }) => sum + width(text), 0);

/** What the terminal's character set has no letter for is a question mark. */
export const shown = (text: string, { unicode }: Signs): string =>
  unicode || printable.test(text) ? text : text.replace(/[^\x20-\x7e]/gu, "?");

/** Cut to at most so many columns, with a sign that it was. */
export function cut(text: string, columns: number, signs: Signs): string {
  const whole = shown(text, signs);
  if (width(whole) <= columns) return whole;
  if (columns < 1) return "";
  let kept = "";
  let used = width(signs.cut);
  for (const letter of whole) {
    used += width(letter);
    if (used > columns) break;
    kept += letter;
  }
  return kept + signs.cut;
}

/** Exactly so many columns. */
export function fit(
  text: string,
  columns: number,
  signs: Signs,
  side: "left" | "right" = "left",
): string {
  const short = cut(text, columns, signs);
  const blanks = " ".repeat(Math.max(0, columns - width(short)));
  return side === "left" ? short + blanks : blanks + short;
}

/** A line cut to so many columns, span by span. */
export function cutLine({ spans, ...rest }: Line, columns: number, signs: Signs): Line {
  let left = columns;
  const kept: Span[] = [];
  for (const { text, tone } of spans) {
    if (left <= 0) break;
    const short = cut(text, left, signs);
    left -= width(short);
    kept.push(span(short, tone));
  }
  return { ...rest, spans: kept };
}

/** Broken into lines at blanks; a word that is too long is broken anywhere. */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let current = "";
  for (let word of text.split(" ")) {
    const joined = current === "" ? word : `${current} ${word}`;
    if (width(joined) <= columns) {
      current = joined;
      continue;
    }
    if (current !== "") lines.push(current);
    while (width(word) > columns && word.length > 1) {
      const letters = [...word];
      let part = "";
      while (letters[0] !== undefined && width(part + letters[0]) <= columns) {
        part += letters.shift();
      }
      if (part === "") break;
      lines.push(part);
      word = letters.join("");
    }
    current = word;
  }
  return [...lines, current];
}
