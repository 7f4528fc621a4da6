import type { TableName } from "../model/catalogue.ts";
import { sameTable } from "../model/names.ts";
import type { Reference, RefreshPlan, TablePlan } from "../model/plan.ts";
import { isOwned } from "../plan/copy-sql.ts";
import type { LoadState, TableState } from "./load-sql.ts";

/** A plan that is being carried out on a target, and how the target's tables were before. */
export interface Load {
  plan: RefreshPlan;
  state: LoadState;
}

/** Without tables that are skipped and that the target does not have at all. */
export function loadOn(plan: RefreshPlan, state: LoadState): Load {
  const isThere = (table: TableName) => state.tables.some((each) => sameTable(each, table));
  return {
    plan: {
      ...plan,
      tables: plan.tables.filter((each) => each.class !== "skip" || isThere(each.table)),
      references: plan.references.filter(({ child, parent }) => isThere(child) && isThere(parent)),
    },
    state,
  };
}

export const parentPlan = ({ plan }: Load, { parent }: Reference): TablePlan | undefined =>
  plan.tables.find(({ table }) => sameTable(table, parent));

export const stateOf = ({ state }: Load, table: TableName): TableState | undefined =>
  state.tables.find((each) => sameTable(each, table));

/** Types of the table's columns on the target, by name. */
export const typesOf = (load: Load, table: TableName): Record<string, string> =>
  Object.fromEntries(
    Object.entries(stateOf(load, table)?.columns ?? {}).map(([name, { type }]) => [name, type]),
  );

/** Whether parents that are missing are to come, all of them or some. */
export function isFollowed(load: Load, reference: Reference): boolean {
  const parent = parentPlan(load, reference);
  if (parent === undefined) return false;
  return parent.followed !== undefined || (isOwned(parent) && reference.crossTenant === "allow");
}

/** Whether some parents must not come: another organization's, or those of a table that is skipped. */
export function staysAway(load: Load, reference: Reference): boolean {
  const parent = parentPlan(load, reference);
  if (parent === undefined) return false;
  return parent.class === "skip" || (isOwned(parent) && reference.crossTenant !== "allow");
}
