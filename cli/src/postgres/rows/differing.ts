import type { ComparedTable } from "./shape.ts";

/** A column's text as the server writes it; null is SQL's. */
export type Value = string | null;

/** A row of one side: the bucket, the text of its key, and the columns in the table's order. */
export interface SideRow {
  bucket: number;
  key: string;
  values: readonly Value[];
}

export type RowChange =
  | { is: "added"; after: readonly Value[] }
  | { is: "removed"; before: readonly Value[] }
  | { is: "changed"; before: readonly Value[]; after: readonly Value[] };

/** Buckets whose rows are not the same on both sides, by what is told of their rows, in ascending order. */
export function differingBuckets(
  base: ReadonlyMap<number, string>,
  branch: ReadonlyMap<number, string>,
): number[] {
  const all = new Set([...base.keys(), ...branch.keys()]);
  return [...all]
    .filter((bucket) => base.get(bucket) !== branch.get(bucket))
    .sort((one, other) => one - other);
}

/** A side's rows as they come, some at a time. */
type Batches = AsyncIterator<readonly SideRow[]>;

/**
 * What has to happen to the base's rows so that they are the branch's. Both come in the order of bucket and key, as
 * `rowsSql` has them, so that one batch of each side is all that is held.
 */
export async function* changesOf(base: Batches, branch: Batches): AsyncGenerator<RowChange> {
  const [before, after] = [new Reading(base), new Reading(branch)];
  await Promise.all([before.fill(), after.fill()]);
  for (;;) {
    const [old, now] = [before.row, after.row];
    if (!old && !now) return;
    const order = !old ? 1 : !now ? -1 : compared(old, now);
    if (old && order < 0) yield { is: "removed", before: old.values };
    else if (now && order > 0) yield { is: "added", after: now.values };
    else if (old && now && old.values.some((value, index) => value !== now.values[index])) {
      yield { is: "changed", before: old.values, after: now.values };
    }
    if (order <= 0) before.step();
    if (order >= 0) after.step();
    // Both at once, as each waits for another server.
    if (before.isEmpty || after.isEmpty) await Promise.all([before.fill(), after.fill()]);
  }
}

/** Where one side is. */
class Reading {
  readonly #batches: Batches;
  #rows: readonly SideRow[] = [];
  #at = 0;
  #isOver = false;

  constructor(batches: Batches) {
    this.#batches = batches;
  }

  /** Undefined at the end. */
  get row(): SideRow | undefined {
    return this.#rows[this.#at];
  }

  get isEmpty(): boolean {
    return !this.#isOver && this.#at >= this.#rows.length;
  }

  step(): void {
    this.#at += 1;
  }

  async fill(): Promise<void> {
    while (this.isEmpty) {
      const next = await this.#batches.next();
      this.#isOver = next.done === true;
      this.#rows = next.done ? [] : next.value;
      this.#at = 0;
    }
  }
}

function compared(one: SideRow, other: SideRow): number {
  if (one.bucket !== other.bucket) return one.bucket - other.bucket;
  if (one.key === other.key) return 0;
  // Collation "C" of the server: by bytes, which JavaScript's own order is not beyond the basic plane.
  return Buffer.compare(Buffer.from(one.key), Buffer.from(other.key));
}

/** A changed row's columns that differ. */
export const changedColumns = (
  { columns }: ComparedTable,
  { before, after }: { before: readonly Value[]; after: readonly Value[] },
): { name: string; before: Value; after: Value }[] =>
  columns.flatMap(({ name }, index) => {
    const [old = null, now = null] = [before[index], after[index]];
    return old === now ? [] : [{ name, before: old, after: now }];
  });
