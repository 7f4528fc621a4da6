import { DsError } from "../errors/ds-error.ts";

/** How a change stands: it happened, it did not, or nobody knows. */
export type Outcome = "changed" | "unchanged" | "unknown";

/** One thing that a command is about to change, in clauses of a sentence: "the branch dev-x was created". */
export interface Change {
  done: string;
  /** While it is under way, and where its end was not seen. */
  unclear: string;
  /** What Ctrl-C leaves of it, where it can be stopped half-way. Default: nothing. */
  stopped?: string;
}

/** What the command has changed, for the sentence that an interrupt ends with and its JSON. */
export interface Account {
  outcome: Outcome;
  clauses: string[];
}

/**
 * What the command has changed until now. The clients of the outside world (the API, the secret store, Pulumi) note what
 * they change; a use case that knows it better, or takes it back, says so itself with `during` or `quietly`.
 */
export class Changes {
  readonly #clauses = new Map<unknown, { text: string; outcome: Outcome }>();
  #covered = 0;

  /** Does the work, which is this one change: what it does in detail is not noted. */
  async during<T>(change: Change, work: () => Promise<T>): Promise<T> {
    const key = Symbol();
    this.set(key, change.unclear, "unknown");
    try {
      const value = await this.quietly(work);
      this.set(key, change.done);
      return value;
    } catch (error) {
      this.#failed(key, change, error);
      throw error;
    }
  }

  /** Does work of which nothing is noted. */
  async quietly<T>(work: () => Promise<T>): Promise<T> {
    this.#covered += 1;
    try {
      return await work();
    } finally {
      this.#covered -= 1;
    }
  }

  /** Notes how something stands; of one key the last word counts. */
  set(key: unknown, text: string, outcome: Outcome = "changed"): void {
    if (this.#covered === 0) this.#clauses.set(key, { text, outcome });
  }

  /** It was taken back. */
  drop(key: unknown): void {
    this.#clauses.delete(key);
  }

  account(): Account {
    const clauses = [...this.#clauses.values()];
    const some = (outcome: Outcome) => clauses.some((clause) => clause.outcome === outcome);
    return {
      outcome: some("unknown") ? "unknown" : some("changed") ? "changed" : "unchanged",
      clauses: clauses.map(({ text }) => text),
    };
  }

  #failed(key: unknown, { stopped }: Change, error: unknown): void {
    if (isUnclear(error)) return;
    if (stopped !== undefined && error instanceof DsError && error.code === "INTERRUPTED") {
      this.set(key, stopped);
    } else this.drop(key);
  }
}

/** Who was to do it may have done it: it gave no answer, or one that nobody foresaw. */
function isUnclear(error: unknown): boolean {
  if (!(error instanceof DsError)) return true;
  if (error.details.outcome !== undefined) return error.details.outcome === "unknown";
  return error.code === "UPSTREAM" || error.code === "UNEXPECTED";
}

/** What an interrupt ends with: one sentence on what is and what is not. */
export function interruptedError(own: DsError, changes: Changes, begins = "Interrupted"): DsError {
  const { text, details } = told(changes);
  const isOwn = own.code === "INTERRUPTED";
  return new DsError("INTERRUPTED", `${begins}; ${text}.`, {
    hint: isOwn ? own.hint : undefined,
    details: { ...(isOwn ? own.details : reportOf(own)), ...details },
    cause: own,
  });
}

/** The same for a person who answered no. */
export function declinedError(own: DsError, changes: Changes): DsError {
  const { text, details } = told(changes);
  return own.with({ message: `Stopped; ${text}.`, details: { ...own.details, ...details } });
}

function told(changes: Changes) {
  const { outcome, clauses } = changes.account();
  const text = clauses.length === 0 ? "nothing was changed" : clauses.join("; ");
  return { text, details: { outcome, changes: clauses } };
}

/** A report keeps its place in the document, whatever ended the command. */
const reportOf = ({ details: { report } }: DsError) => (report === undefined ? {} : { report });
