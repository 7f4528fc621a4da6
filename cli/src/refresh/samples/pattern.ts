import { quoteLiteral } from "../../postgres/quote.ts";

/** SQL of a condition on a value. */
export type Condition = (value: string) => string;

/**
 * `value ~ pattern`, in ASCII alone: a source with another encoding could not even read the statement. The server
 * makes its automaton anew for each value, so small patterns that are seldom asked are what is quick.
 */
export const matches =
  (...patterns: string[]): Condition =>
  (value) =>
    `${value} ~ ${quoteLiteral(ascii(patterns.join("|")))}`;

export const contains =
  (text: string): Condition =>
  (value) =>
    `strpos(${value}, ${quoteLiteral(text)}) > 0`;

export const hasLength =
  (least: number, most?: number): Condition =>
  (value) =>
    most === undefined
      ? `length(${value}) >= ${least}`
      : `length(${value}) between ${least} and ${most}`;

/** One of its words, whatever its capitals and the punctuation around it. */
export const hasWord =
  (words: readonly string[]): Condition =>
  (value) =>
    `string_to_array(translate(lower(${value}), ',.;:()/', '       '), ' ') && '{${words.join(",")}}'::text[]`;

export const all =
  (...conditions: Condition[]): Condition =>
  (value) =>
    conditions.map((condition) => `(${condition(value)})`).join(" and ");

export const some =
  (...conditions: Condition[]): Condition =>
  (value) =>
    conditions.map((condition) => `(${condition(value)})`).join(" or ");

export const hasDigit = matches("[0-9]");
export const hasSpace = contains(" ");
/** Anything but ASCII. */
export const isForeign = matches("[^\\u0001-\\u007f]");

const ascii = (pattern: string): string =>
  pattern.replace(
    /[^\x20-\x7e]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
