import type { Node, RangeVar } from "libpg-query";
import { relationName } from "../../sql/parsed-statement.ts";
import type { LockCatalogue } from "./catalogue.ts";
import { type LockMode, locksOn, type StatementPlan, type TableEffect } from "./modes.ts";

/** Of what plans are put together. */

export const nothing: StatementPlan = { locks: [], effects: [], opaque: false };

export const on = (tables: string[], mode: LockMode): StatementPlan => ({
  ...nothing,
  locks: locksOn(tables, mode),
});

export const named = (relation: RangeVar | undefined): string[] =>
  relation === undefined ? [] : [relationName(relation)];

export const namedIn = (nodes: Node[] = []): RangeVar[] =>
  nodes.flatMap((node) => ("RangeVar" in node ? [node.RangeVar] : []));

export const effects = (
  kind: TableEffect["kind"],
  tables: string[],
  reason: string,
): TableEffect[] => tables.map((table) => ({ kind, table, reason }));

export const together = (...plans: Pick<StatementPlan, "locks" | "effects">[]): StatementPlan => ({
  locks: plans.flatMap(({ locks }) => locks),
  effects: plans.flatMap((plan) => plan.effects),
  opaque: false,
});

/** A table and its partitions, or with ONLY the table. */
export function withPartitions(relation: RangeVar | undefined, catalogue: LockCatalogue): string[] {
  return named(relation).flatMap((table) =>
    relation?.inh ? catalogue.partitions(table) : [table],
  );
}

/** A table and all that inherits from it, or with ONLY the table. */
export function withFamily(relation: RangeVar | undefined, catalogue: LockCatalogue): string[] {
  return named(relation).flatMap((table) => (relation?.inh ? catalogue.family(table) : [table]));
}
