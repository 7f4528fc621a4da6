import { monotonicMs } from "../../lib/async/monotonic.ts";

/** How long a person has waited for a command: not while it waited for the person. */
export class Waited {
  readonly #now: () => number;
  readonly #began: number;
  #answeringMs = 0;

  constructor(now = monotonicMs) {
    this.#now = now;
    this.#began = now();
  }

  /** Runs what asks the person. */
  async answering(ask: () => Promise<void>): Promise<void> {
    const asked = this.#now();
    await ask();
    this.#answeringMs += this.#now() - asked;
  }

  get seconds(): number {
    return (this.#now() - this.#began - this.#answeringMs) / 1000;
  }
}
