/**
 * East Asian wide characters and most emoji, which a terminal draws two columns wide. The library that knows
 * all of them is the explorer's: this file is loaded with every command.
 */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u;

export const isWide = (character: string): boolean => wide.test(character);

/** One line of at most so many columns. */
export function cutToWidth(text: string, columns: number): string {
  const line = text.replace(/\s*\n\s*/g, " ");
  let width = 0;
  let shown = "";
  /** As much of it as leaves a column for the ellipsis. */
  let shorter = "";
  for (const character of line) {
    width += isWide(character) ? 2 : 1;
    if (width > columns) return `${shorter}…`;
    shown += character;
    if (width < columns) shorter = shown;
  }
  return shown;
}
