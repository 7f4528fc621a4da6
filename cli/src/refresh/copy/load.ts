import type { TableName } from "../model/catalogue.ts";
import { sameTable } from "../model/names.ts";
import { isTaken, type Reference, type RefreshPlan, type TablePlan } from "../model/plan.ts";
import { isOwned } from "../plan/copy-sql.ts";
import type { LoadState, TableState } from "./load-sql.ts";

/** A plan that is being carried out on a target, and how the target's tables were before. */
export interface Load {
  plan: RefreshPlan;
  state: LoadState;
  /** What the tables hold that keep main's rows: it has to be the same in the end. */
  kept: KeptRows;
}

/** Rows and digest of each table that is kept. */
export type KeptRows = Map<TablePlan, { rows: number; digest: string }>;

/** Without tables that are skipped and that the target does not have at all. */
export function loadOn(plan: RefreshPlan, state: LoadState, kept: KeptRows): Load {
  const isThere = (table: TableName) =>
    state.tables.some((each) => sameTable(each, table)) ||
    [...kept.keys()].some((each) => sameTable(each.table, table));
  return {
    plan: {
      ...plan,
      tables: plan.tables.filter((each) => isTaken(each.class) || isThere(each.table)),
      references: plan.references.filter(({ child, parent }) => isThere(child) && isThere(parent)),
    },
    state,
    kept,
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
  if (parent === undefined || isOfKept(load, reference)) return false;
  return parent.followed !== undefined || (isOwned(parent) && reference.crossTenant === "allow");
}

/** Rows that stay as they are bring nothing along, and are not changed. */
export const isOfKept = ({ plan }: Load, { child }: Reference): boolean =>
  plan.tables.some((each) => each.class === "keep" && sameTable(each.table, child));

/** Whether some parents must not come: another organization's, or of a table that takes none of production's rows. */
export function staysAway(load: Load, reference: Reference): boolean {
  const parent = parentPlan(load, reference);
  if (parent === undefined || isOfKept(load, reference)) return false;
  return !isTaken(parent.class) || (isOwned(parent) && reference.crossTenant !== "allow");
}
