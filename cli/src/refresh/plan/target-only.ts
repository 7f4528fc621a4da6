import type { RefreshRules } from "../../config/project-config.ts";
import type { Catalogue, CatalogueTable } from "../model/catalogue.ts";
import { sameTable } from "../model/names.ts";
import type { TablePlan } from "../model/plan.ts";
import { isLedger } from "../rules/ledgers.ts";
import { fromSql } from "../rules/ownership.ts";
import { tableRules } from "../rules/table-rules.ts";

/** Tables of the one database that the other does not have. */
export const onlyOn = (one: Catalogue, other: Catalogue): CatalogueTable[] =>
  one.tables.filter(
    (table) => table.kind !== "partition" && !other.tables.some((each) => sameTable(table, each)),
  );

/**
 * Tables that main has and production has not, or not yet: nothing could come in the place of their rows, some of
 * which a migration may just have made. They stay, unless a rule empties them.
 */
export function targetOnlyTables(
  source: Catalogue,
  target: Catalogue,
  rules: RefreshRules,
): TablePlan[] {
  const tables = onlyOn(target, source);
  const ruleOf = tableRules(tables, rules, []);
  return tables.map((table) => ({
    table: { schema: table.schema, name: table.name },
    from: fromSql(table),
    class: ruleOf(table)?.rule === "skip" ? "skip" : "keep",
    filter: undefined,
    followed: undefined,
    nobodys: undefined,
    path: [],
    alternatives: [],
    format: "binary",
    columns: [],
    estimatedRows: 0,
    bytes: 0,
  }));
}

/** Those of them that stay because nobody has said anything of them. */
export function keptUnasked(
  source: Catalogue,
  target: Catalogue,
  rules: RefreshRules,
): CatalogueTable[] {
  const tables = onlyOn(target, source);
  const ruleOf = tableRules(tables, rules, []);
  const decided = ["skip", "keep"];
  return tables.filter(
    (table) => !isLedger(table) && !decided.includes(String(ruleOf(table)?.rule)),
  );
}
