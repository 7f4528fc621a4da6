import { quoteIdentifier } from "../../../postgres/quote.ts";
import type { CatalogueForeignKey, LockCatalogue } from "./catalogue.ts";
import { type LockMode, locksOn, type TableLock } from "./modes.ts";

/** What foreign keys do to the tables at their other end. */

export type RowChange =
  | { kind: "insert" }
  | { kind: "delete" }
  | { kind: "update"; columns: string[] };

/**
 * What Postgres looks up, or changes by a referential action, when rows of a table are changed. Whether
 * it comes to that depends on the rows.
 */
export function tiedByForeignKeys(
  table: string,
  changes: RowChange[],
  catalogue: LockCatalogue,
): TableLock[] {
  const locks: TableLock[] = [];
  const seen = new Set<string>();
  const lock = (name: string, mode: LockMode) => {
    for (const one of catalogue.partitions(name)) locks.push({ table: one, mode });
  };
  const change = (changed: string, how: RowChange): void => {
    const step = JSON.stringify([catalogue.nameOf(changed), how]);
    if (seen.has(step)) return;
    seen.add(step);
    // The keys of a partitioned table are those of its partitions.
    for (const one of [changed, ...catalogue.wholes(changed)]) {
      for (const key of catalogue.foreignKeysOf(one)) {
        if (touches(how, key.columns)) lock(key.referenced, "ROW SHARE");
      }
      for (const key of catalogue.foreignKeysTo(one)) {
        if (how.kind === "insert" || !touches(how, key.referencedColumns, "delete")) continue;
        const then = consequence(how, key);
        lock(key.table, then === undefined ? "ROW SHARE" : "ROW EXCLUSIVE");
        if (then !== undefined) change(key.table, then);
      }
    }
  };
  for (const how of changes) change(table, how);
  return locks;
}

function touches(how: RowChange, columns: string[], always: RowChange["kind"] = "insert"): boolean {
  if (how.kind !== "update") return how.kind === always;
  return how.columns.some((column) => columns.includes(column));
}

/** What a referential action does to the rows that refer; undefined where they are only looked for. */
function consequence(how: RowChange, key: CatalogueForeignKey): RowChange | undefined {
  const action = how.kind === "delete" ? key.onDelete : key.onUpdate;
  if (action === "c" && how.kind === "delete") return how;
  return action === "a" || action === "r" ? undefined : { kind: "update", columns: key.columns };
}

/** A table that becomes or is no longer a partition: its parent's foreign keys, in both directions. */
export function keysOfPartition(
  parent: string,
  catalogue: LockCatalogue,
  change: "attached" | "detached",
): TableLock[] {
  const parents = [parent, ...catalogue.wholes(parent)];
  const referenced = parents.flatMap((one) => catalogue.foreignKeysOf(one));
  const referring = parents
    .flatMap((one) => catalogue.foreignKeysTo(one))
    .map(({ table }) => table);
  const locks = referenced.flatMap((key) =>
    locksOn(catalogue.partitions(key.referenced), "SHARE ROW EXCLUSIVE"),
  );
  if (change === "attached") return [...locks, ...locksOn(referring, "SHARE ROW EXCLUSIVE")];
  // None of their rows may refer to what goes, so they are read.
  const read = referring.flatMap((table) => catalogue.partitions(table));
  return [...locks, ...locksOn(referring, "ACCESS EXCLUSIVE"), ...locksOn(read, "ACCESS SHARE")];
}

/** What ALTER TABLE is about. */
export interface Subject {
  table: string;
  catalogue: LockCatalogue;
}

/** A foreign key has triggers on both of its tables, so both are locked when it goes. */
export function lockedWithConstraint(
  name: string,
  cascade: boolean,
  { table, catalogue }: Subject,
): TableLock[] {
  const own = catalogue.foreignKeysOf(table).filter((key) => key.name === name);
  const others = cascade
    ? catalogue.foreignKeysTo(table).filter(({ index }) => index.endsWith(quoteIdentifier(name)))
    : [];
  return [...own.map(({ referenced }) => referenced), ...others.map((key) => key.table)].flatMap(
    (one) => locksOn(catalogue.partitions(one), "ACCESS EXCLUSIVE"),
  );
}

/** @param others whether the foreign keys that refer to the column go, or are made anew, as well */
export function lockedWithColumn(
  column: string,
  others: boolean,
  { table, catalogue }: Subject,
): TableLock[] {
  const own = catalogue.foreignKeysOf(table).filter(({ columns }) => columns.includes(column));
  const to = others
    ? catalogue.foreignKeysTo(table).filter((key) => key.referencedColumns.includes(column))
    : [];
  return [...own.map(({ referenced }) => referenced), ...to.map((key) => key.table)].flatMap(
    (one) => locksOn(catalogue.partitions(one), "ACCESS EXCLUSIVE"),
  );
}

export function lockedToValidate(name: string, { table, catalogue }: Subject): TableLock[] {
  return catalogue
    .foreignKeysOf(table)
    .filter((key) => key.name === name && !key.validated)
    .flatMap(({ referenced }) => locksOn(catalogue.partitions(referenced), "ROW SHARE"));
}
