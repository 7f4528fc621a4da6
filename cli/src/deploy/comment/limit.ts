/** How much of each list is shown, and whether that was all of it. */
export class Limit {
  readonly #most: number;
  #isCut = false;

  /** @param most entries of each list */
  constructor(most: number) {
    this.#most = most;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  /** The first entries, and how many are left out. */
  some<T>(all: readonly T[]): { shown: readonly T[]; left: number } {
    const shown = all.slice(0, this.#most);
    const left = all.length - shown.length;
    if (left > 0) this.#isCut = true;
    return { shown, left };
  }
}

/** The line for what is left out. */
export const more = (left: number): string[] => (left > 0 ? [`… and ${left} more`] : []);

/** The same as an entry of a list. */
export const moreItem = (left: number): string[] => more(left).map((line) => `- ${line}`);
