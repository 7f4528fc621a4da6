import type { Catalogue } from "../model/catalogue.ts";
import { sameTable } from "../model/names.ts";
import type { TablePlan } from "../model/plan.ts";
import { fromSql } from "../rules/ownership.ts";

/** Tables that main has and production has not yet: what is in them belongs to the data that goes. */
export function targetOnlyTables(source: Catalogue, target: Catalogue): TablePlan[] {
  return target.tables
    .filter((table) => table.kind !== "partition")
    .filter((table) => !source.tables.some((other) => sameTable(table, other)))
    .map((table) => ({
      table: { schema: table.schema, name: table.name },
      from: fromSql(table),
      class: "skip",
      filter: undefined,
      followed: undefined,
      path: [],
      alternatives: [],
      format: "binary",
      columns: [],
      estimatedRows: 0,
      bytes: 0,
    }));
}
