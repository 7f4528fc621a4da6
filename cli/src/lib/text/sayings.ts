/**
 * What a program of somebody else's prints, and what it means here: for those that give no code. Each program has one
 * such table, in a file of its own; nothing else decides by their words.
 */
export type Sayings<Meaning> = readonly { says: RegExp; means: Meaning }[];

/** The meaning of the first that fits; undefined for what the table does not know. */
export function meaningOf<Meaning>(sayings: Sayings<Meaning>, text: string): Meaning | undefined {
  return sayings.find(({ says }) => says.test(text))?.means;
}
