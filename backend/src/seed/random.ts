/** Scrambles 32 bits: the finalizer of MurmurHash3 (Austin Appleby, public domain). */
function scramble(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/**
 * Random choices for one row. The same stream and index always give the same choices, in whatever
 * order rows are made: that is what lets a comment name its item's title without either being kept.
 * Integer arithmetic only, so every machine agrees.
 */
export class Random {
  #state: number;

  constructor(stream: number, index: number) {
    this.#state = scramble(scramble(stream) + index);
  }

  /** An integer from 0 to `limit` - 1. */
  below(limit: number): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0;
    return Math.floor((scramble(this.#state) / 2 ** 32) * limit);
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.below(list.length)] ?? list[0];
  }

  /** True in `percent` of 100 cases. */
  chance(percent: number): boolean {
    return this.below(100) < percent;
  }
}
