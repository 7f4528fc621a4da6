import type { Node } from "libpg-query";
import { LockCatalogue } from "./catalogue.ts";
import { planOf } from "./forms.ts";
import { lockModes, type StatementPlan, type TableLock } from "./modes.ts";

/**
 * Which lock a statement takes on which table, and what it does to the table's rows. Source: the
 * documentation of PostgreSQL 18, "Explicit Locking: Table-Level Locks" (13.3.1) and the reference pages
 * of the commands, and pg_locks where these are silent. What a function, trigger or block does inside is
 * not in the statement's text.
 */

/** @param catalogue for locks on tables that the statement does not name; without, those are left out */
export function planStatement(node: Node, catalogue = LockCatalogue.empty): StatementPlan {
  const plan = planOf(node, catalogue);
  return { ...plan, locks: strongest(plan.locks, catalogue) };
}

/** One lock for each table, under the name that came first. */
function strongest(locks: TableLock[], catalogue: LockCatalogue): TableLock[] {
  const found = new Map<string, TableLock>();
  for (const { table, mode } of locks) {
    const name = catalogue.nameOf(table);
    const other = found.get(name);
    const indexOf = catalogue.tableOfIndex(name);
    if (other === undefined) {
      found.set(name, { table, mode, ...(indexOf === undefined ? {} : { indexOf }) });
    } else if (lockModes.indexOf(mode) > lockModes.indexOf(other.mode)) other.mode = mode;
  }
  return [...found.values()];
}
