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

interface Bucket {
  rows: string;
  hash: string;
}

/** Buckets whose rows are not the same on both sides, in ascending order. */
export function differingBuckets(
  base: ReadonlyMap<number, Bucket>,
  branch: ReadonlyMap<number, Bucket>,
): number[] {
  const all = new Set([...base.keys(), ...branch.keys()]);
  const isSame = (bucket: number) => {
    const [before, after] = [base.get(bucket), branch.get(bucket)];
    return before?.rows === after?.rows && before?.hash === after?.hash;
  };
  return [...all].filter((bucket) => !isSame(bucket)).sort((one, other) => one - other);
}

/**
 * What has to happen to the base's rows so that they are the branch's. Both come in the order of bucket and key, as
 * `rowsSql` has them, so that one row of each side is all that is held.
 */
export async function* changesOf(
  base: AsyncIterator<SideRow>,
  branch: AsyncIterator<SideRow>,
): AsyncGenerator<RowChange> {
  let [before, after] = await Promise.all([base.next(), branch.next()]);
  while (!before.done || !after.done) {
    const order = before.done ? 1 : after.done ? -1 : compared(before.value, after.value);
    if (order < 0) {
      yield { is: "removed", before: before.value.values };
      before = await base.next();
    } else if (order > 0) {
      yield { is: "added", after: after.value.values };
      after = await branch.next();
    } else {
      const [old, now]: [readonly Value[], readonly Value[]] = [
        before.value.values,
        after.value.values,
      ];
      if (old.some((value, index) => value !== now[index])) {
        yield { is: "changed", before: old, after: now };
      }
      [before, after] = await Promise.all([base.next(), branch.next()]);
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
