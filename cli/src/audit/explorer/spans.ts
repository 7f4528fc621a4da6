import { cutToWidth, padToWidth, textWidth } from "../../lib/terminal/width.ts";
import { harmless } from "../../lib/text/harmless.ts";
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

export const span = (text: string, tone: Tone = "plain"): Span => ({
  text: harmless(text),
  tone,
});

export const line = (...spans: (Span | string)[]): Line => ({
  spans: spans.map((item) => (typeof item === "string" ? span(item) : item)),
});

export const widthOf = ({ spans }: Line): number =>
  spans.reduce((sum, { text }) => sum + textWidth(text), 0);

/** What the terminal's character set has no letter for is a question mark. */
const shown = (text: string, { unicode }: Signs): string =>
  unicode ? harmless(text) : harmless(text).replace(/[^\x20-\x7e]/gu, "?");

/** Cut to at most so many columns, with a sign that it was. */
export const cut = (text: string, columns: number, signs: Signs): string =>
  cutToWidth(shown(text, signs), columns, signs.cut);

/** Exactly so many columns. */
export const fit = (
  text: string,
  columns: number,
  signs: Signs,
  side: "left" | "right" = "left",
): string => padToWidth(cut(text, columns, signs), columns, side);

/** A line cut to so many columns, span by span. */
export function cutLine({ spans, ...rest }: Line, columns: number, signs: Signs): Line {
  let left = columns;
  const kept: Span[] = [];
  for (const { text, tone } of spans) {
    if (left <= 0) break;
    const short = cut(text, left, signs);
    left -= textWidth(short);
    kept.push(span(short, tone));
  }
  return { ...rest, spans: kept };
}
