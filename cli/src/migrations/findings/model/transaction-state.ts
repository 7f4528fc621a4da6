import { blocks, type LockMode, type TableLock } from "../../plan/locks/modes.ts";

interface HeldLock {
  /** As the statement that took it has it. */
  table: string;
  mode: LockMode;
  /** Of that statement. */
  line: number;
}

/** What the transaction that a statement is in has done before it. */
export class TransactionState {
  readonly #held = new Map<string, HeldLock>();
  readonly #altered = new Map<string, number>();

  /** @param qualified the table's one name */
  take({ mode, table }: TableLock, qualified: string, line: number): void {
    const isFelt = blocks(mode) === "blocks writes" || blocks(mode) === "blocks reads and writes";
    if (isFelt && !this.#held.has(qualified)) this.#held.set(qualified, { table, mode, line });
  }

  alter(qualified: string, line: number): void {
    if (!this.#altered.has(qualified)) this.#altered.set(qualified, line);
  }

  /** The locks that others wait for, but for those of these tables. */
  heldBesides(qualified: ReadonlySet<string>): HeldLock[] {
    return [...this.#held].flatMap(([name, lock]) => (qualified.has(name) ? [] : [lock]));
  }

  /** The line of the ALTER TABLE of the same table before this one. */
  alteredAt(qualified: string): number | undefined {
    return this.#altered.get(qualified);
  }
}
