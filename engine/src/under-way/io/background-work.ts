import { setImmediate as nextTurn } from "node:timers/promises";
import { EngineError } from "../../lib/engine-error.ts";
import { withDeadline } from "../../lib/io/with-deadline.ts";
import type { OperationRecord } from "../../model/records.ts";
import type { OperationProgress } from "../operation-progress.ts";
import type { BranchLocks, Wanted } from "./branch-locks.ts";
import type { Operations } from "./operations.ts";

/** What a request has begun. From its operations clients learn how it ends. */
export interface Begun<T> {
  answer: T;
  operations: OperationRecord[];
  /** What is left to do once the request is answered. */
  rest?: (tell: (progress: OperationProgress) => void) => Promise<void>;
  /** Takes back what was begun, when the rest has failed: nothing of it is left then. */
  undo?: () => Promise<void>;
}

/** What makes or replaces the data of a branch. */
interface Work<T> {
  /** For people: "creating the branch x". */
  what: string;
  /** Their clients wait until it is over. */
  branchIds: string[];
  /** Held until it is over, so that requests that conflict with it are answered with 423. */
  want: Wanted;
  /** What has to be done before the answer; refuses what cannot be done. */
  prepare: () => Promise<Begun<T>>;
}

interface UnderWay {
  /** Settles with the work; fails where it does. */
  over: Promise<void>;
  progress?: OperationProgress;
}

/** So long a connection waits for the branch; longer copies are better asked about. */
const longestWaitMs = 10 * 60_000;

/**
 * Work that goes on after its request was answered, as in the cloud: the answer comes as soon as the change is
 * durable, its operations run until the work is done, and connections to the branch wait for that.
 */
export class BackgroundWork {
  readonly #locks: BranchLocks;
  readonly #operations: Operations;
  readonly #log: (line: string) => void;
  readonly #byBranch = new Map<string, UnderWay>();
  readonly #going = new Set<Promise<void>>();
  #isAbandoned = false;

  constructor(locks: BranchLocks, operations: Operations, log: (line: string) => void) {
    this.#locks = locks;
    this.#operations = operations;
    this.#log = log;
  }

  /** Returns what the request is answered with. */
  async begin<T>({ what, branchIds, want, prepare }: Work<T>): Promise<T> {
    const release = this.#locks.hold(want);
    const gate = newGate();
    const underWay: UnderWay = { over: gate.over };
    for (const id of branchIds) this.#byBranch.set(id, underWay);
    const open = () => {
      for (const id of branchIds) this.#byBranch.delete(id);
      release();
      gate.open();
    };
    let begun: Begun<T>;
    try {
      begun = await prepare();
    } catch (error) {
      open();
      throw error;
    }
    const fail = (reason: string) => gate.fail(new Error(`${what} failed: ${reason}`));
    const going = this.#finish(begun, underWay, { open, fail }).catch((error: Error) =>
      this.#log(`${what} did not come to its end: ${error.message}`),
    );
    this.#going.add(going);
    void going.then(() => this.#going.delete(going));
    return begun.answer;
  }

  async #finish(
    { operations, rest, undo }: Begun<unknown>,
    underWay: UnderWay,
    { open, fail }: { open: () => void; fail: (reason: string) => void },
  ): Promise<void> {
    // The answer goes first.
    await nextTurn();
    try {
      await rest?.((progress) => {
        underWay.progress = progress;
      });
    } catch (error) {
      // The next start finds what was begun, and settles it.
      if (this.#isAbandoned) return;
      const { message } = error as Error;
      this.#log(`${operations.map(({ action }) => action).join(", ")} failed: ${message}`);
      fail(message);
      await this.#operations.fail(operations, message, async () => undo?.());
      open();
      return;
    }
    open();
    for (const operation of operations) await this.#operations.end(operation);
  }

  /** Waits for the work on the branch, if there is any; fails where that does, or goes on for too long. */
  async ready(branchId: string, limitMs = longestWaitMs): Promise<void> {
    const underWay = this.#byBranch.get(branchId);
    if (!underWay) return;
    await withDeadline(limitMs, underWay.over);
    if (this.#byBranch.get(branchId) !== underWay) return;
    throw new EngineError(
      423,
      "CONFLICTING_OPERATIONS",
      "the branch is still being made; its operations tell how far it is",
    );
  }

  /** How far the work is that copies, by its operations. */
  get progress(): OperationProgress[] {
    return [...new Set(this.#byBranch.values())].flatMap(({ progress }) => progress ?? []);
  }

  /** Resolves when nothing is under way any more. */
  async settled(): Promise<void> {
    while (this.#going.size > 0) await Promise.all(this.#going);
  }

  /** The engine ends: what fails from now on is left to the next start. */
  abandon(): void {
    this.#isAbandoned = true;
  }
}

function newGate() {
  let open = () => {};
  let fail: (error: Error) => void = () => {};
  const over = new Promise<void>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  // Nobody may be waiting.
  over.catch(() => {});
  return { over, open, fail };
}
