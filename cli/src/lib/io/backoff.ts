import { setTimeout as sleep } from "node:timers/promises";

export interface BackoffOptions {
  /** Milliseconds. */
  firstPause: number;
  longestPause?: number;
  /** A moment of Date.now: no pause ends later. */
  deadline: number;
  signal: AbortSignal;
}

/** The pauses between attempts, each twice as long as the one before. */
export class Backoff {
  readonly #options: BackoffOptions;
  #pause: number;

  constructor(options: BackoffOptions) {
    this.#options = options;
    this.#pause = options.firstPause;
  }

  get isTimeUp(): boolean {
    return Date.now() >= this.#options.deadline;
  }

  /** There is no time for a whole pause, and so none for another attempt. */
  get isNextTooLate(): boolean {
    return Date.now() + this.#pause >= this.#options.deadline;
  }

  async wait(): Promise<void> {
    const { longestPause = Number.POSITIVE_INFINITY, deadline, signal } = this.#options;
    const pause = Math.min(this.#pause, Math.max(0, deadline - Date.now()));
    this.#pause = Math.min(this.#pause * 2, longestPause);
    await sleep(pause, undefined, { signal });
  }
}
