import { locked } from "../../lib/engine-error.ts";

interface Held {
  shared: number;
  exclusive: boolean;
}

export interface Wanted {
  exclusive?: string[];
  shared?: string[];
}

/**
 * Who is at work on which branch. Conflicting work is refused at once with 423, as Neon does; its
 * clients try again. Work on other branches is never affected.
 */
export class BranchLocks {
  readonly #held = new Map<string, Held>();

  async with<T>(want: Wanted, work: () => Promise<T>): Promise<T> {
    const release = this.hold(want);
    try {
      return await work();
    } finally {
      release();
    }
  }

  /** For work that outlives its request; to be released with what is returned. */
  hold(want: Wanted): () => void {
    const exclusive = [...new Set(want.exclusive ?? [])];
    const shared = [...new Set(want.shared ?? [])].filter((id) => !exclusive.includes(id));
    const isTaken = (id: string) => this.#held.has(id);
    const isExclusive = (id: string) => this.#held.get(id)?.exclusive ?? false;
    if (exclusive.some(isTaken) || shared.some(isExclusive)) throw locked();

    for (const id of exclusive) this.#held.set(id, { shared: 0, exclusive: true });
    for (const id of shared) {
      this.#held.set(id, { shared: (this.#held.get(id)?.shared ?? 0) + 1, exclusive: false });
    }
    return () => {
      for (const id of exclusive) this.#held.delete(id);
      for (const id of shared) this.#releaseShared(id);
    };
  }

  isBusy(id: string): boolean {
    return this.#held.get(id)?.exclusive ?? false;
  }

  #releaseShared(id: string): void {
    const held = this.#held.get(id);
    if (!held) return;
    if (held.shared === 1) this.#held.delete(id);
    else held.shared -= 1;
  }
}
