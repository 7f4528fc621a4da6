import { availableParallelism, loadavg } from "node:os";

/** How many programs share a core of this machine; 1 where none has to wait for another. */
const crowd = () => Math.max(1, (loadavg()[0] ?? 0) / availableParallelism());

/** A time that a quiet machine keeps, as the one is now. */
export const slow = (ms: number) => Math.round(ms * crowd());

const minute = 60_000;

/** All limits of the tests. What hangs is found by what does not move, so that a slow machine fails no test. */
export const limits = {
  /** How long what a test waits for may stay as it is. */
  still: minute,
  /** How long a program may print nothing. */
  silent: 3 * minute,
  /** Vitest's own see no progress: these are the outermost nets, for what hangs without the others noticing. */
  poll: slow(2 * minute),
  test: slow(10 * minute),
  /** Of one test that goes on for minutes. */
  longTest: slow(60 * minute),
};

/** Runs out when nothing has moved for so long on a machine of one's own, and later on a crowded one. */
export class Patience {
  readonly #ms: number;
  #left: number;
  #at = performance.now();

  constructor(ms: number) {
    this.#ms = ms;
    this.#left = ms;
  }

  /** Something has moved. */
  renew(): void {
    this.#left = this.#ms;
    this.#at = performance.now();
  }

  /** To be asked often: the crowd of the moment counts for the time since the last question. */
  isOver(): boolean {
    const now = performance.now();
    this.#left -= (now - this.#at) / crowd();
    this.#at = now;
    return this.#left <= 0;
  }
}
