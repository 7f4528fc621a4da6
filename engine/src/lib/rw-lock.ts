/** Many readers or one writer, first come first served, so that a writer is never starved. */
export class ReadWriteLock {
  #readers = 0;
  #writing = false;
  #queue: { exclusive: boolean; enter: () => void }[] = [];

  get isHeld(): boolean {
    return this.#writing || this.#readers > 0 || this.#queue.length > 0;
  }

  shared<T>(work: () => Promise<T>): Promise<T> {
    return this.#run(false, work);
  }

  exclusive<T>(work: () => Promise<T>): Promise<T> {
    return this.#run(true, work);
  }

  async #run<T>(exclusive: boolean, work: () => Promise<T>): Promise<T> {
    await new Promise<void>((enter) => {
      this.#queue.push({ exclusive, enter });
      this.#admit();
    });
    try {
      return await work();
    } finally {
      if (exclusive) this.#writing = false;
      else this.#readers -= 1;
      this.#admit();
    }
  }

  #admit(): void {
    for (;;) {
      const next = this.#queue[0];
      if (!next || this.#writing || (next.exclusive && this.#readers > 0)) return;
      this.#queue.shift();
      if (next.exclusive) this.#writing = true;
      else this.#readers += 1;
      next.enter();
    }
  }
}

/** Runs one piece of work after the other. */
export class Mutex {
  #lock = new ReadWriteLock();
  run<T>(work: () => Promise<T>): Promise<T> {
    return this.#lock.exclusive(work);
  }
}
