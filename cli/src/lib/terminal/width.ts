import { stripVTControlCharacters } from "node:util";

/**
 * Letters that take one column each, whatever stands beside them: Latin, Greek, Cyrillic, punctuation, arrows,
 * and what trees, steps and spinners are drawn with.
 */
const narrow =
  /^[\x20-\x7e\xa0-\xac\xae-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u2500-\u259f\u2713\u2717\u2800-\u28ff]*$/;

export const isNarrow = (text: string): boolean => narrow.test(text);

// Sequences of a terminal's own: colours and the like (CSI), links and titles (OSC).
const sequence =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what they begin with
  /(\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\))/g;

let library: typeof import("string-width").default | undefined;

/**
 * The library knows all of Unicode, and is loaded with the first text that needs it: it makes tables then for as
 * long as a short command takes (55 ms, Node 20). `require`, as who draws a table cannot wait; the bundle has the
 * library in it.
 */
function stringWidth(text: string): number {
  library ??= (require("string-width") as typeof import("string-width")).default;
  return library(text);
}

let segmenter: Intl.Segmenter | undefined;

/** What a person takes for one letter each, however many characters it is made of. */
export function* graphemes(text: string): Generator<string> {
  if (isNarrow(text)) {
    yield* text;
    return;
  }
  segmenter ??= new Intl.Segmenter();
  for (const { segment } of segmenter.segment(text)) yield segment;
}

/** Node has more of the rare ones, but in version 20 takes a link for text where its address has a comma. */
const withoutSequences = (text: string): string =>
  stripVTControlCharacters(text.replace(sequence, ""));

/** Columns that a text takes on a terminal. What is wide in some fonts only (Unicode's "ambiguous") counts as narrow. */
export function textWidth(text: string): number {
  const visible = text.includes("\u001b") ? withoutSequences(text) : text;
  return isNarrow(visible) ? visible.length : stringWidth(visible);
}

/**
 * Cut between two graphemes to at most so many columns, the sign that it was cut included. Colours and links
 * end where they did.
 */
export function cutToWidth(text: string, columns: number, sign = "…"): string {
  const room = columns - textWidth(sign);
  let width = 0;
  let kept = "";
  /** Where the sign would stand. */
  let end: number | undefined;
  for (const [at, piece] of text.split(sequence).entries()) {
    if (at % 2 === 1) kept += piece;
    // The text may be a file's worth: no more of it is looked at than has to be.
    else if (width <= columns) {
      for (const grapheme of graphemes(piece)) {
        width += textWidth(grapheme);
        if (width <= room) kept += grapheme;
        else end ??= kept.length;
        if (width > columns) break;
      }
    }
  }
  if (width <= columns) return text;
  const shown = end ?? kept.length;
  return kept.slice(0, shown) + (room < 0 ? "" : sign) + kept.slice(shown);
}

/** With blanks to at least so many columns. */
export function padToWidth(text: string, columns: number, side: "left" | "right" = "left"): string {
  const blanks = " ".repeat(Math.max(0, columns - textWidth(text)));
  return side === "left" ? text + blanks : blanks + text;
}

/** Broken into lines at blanks; a word that is too long is broken between any two graphemes. */
export function wrapToWidth(text: string, columns: number): string[] {
  const lines: string[] = [];
  let current = "";
  for (const word of text.split(" ")) {
    const joined = current === "" ? word : `${current} ${word}`;
    if (textWidth(joined) <= columns) {
      current = joined;
      continue;
    }
    if (current !== "") lines.push(current);
    current = "";
    for (const grapheme of graphemes(word)) {
      if (current !== "" && textWidth(current + grapheme) > columns) {
        lines.push(current);
        current = "";
      }
      current += grapheme;
    }
  }
  return [...lines, current];
}
