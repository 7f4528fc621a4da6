import type { TableRule } from "../../config/define/refresh.ts";
import type { RefreshRules } from "../../config/project-config.ts";
import type { CatalogueTable } from "../model/catalogue.ts";
import { shownName } from "../model/names.ts";
import type { Problem } from "../model/problem.ts";
import { isLedger } from "./ledgers.ts";
import { finderOf, mostExact, type Pattern, patternOf } from "./patterns/patterns.ts";

export interface FoundRule {
  rule: TableRule;
  /** The rule's text; undefined: a ledger is kept without one. */
  text: string | undefined;
  /** It names this table and not many. */
  exact: boolean;
}

/**
 * What the rules say of each table; those that mean no table, or contradict each other, become problems. A
 * migration tool's ledger is kept unless a rule names it.
 *
 * @param elsewhere tables that only main has
 */
export function tableRules(
  tables: CatalogueTable[],
  rules: Pick<RefreshRules, "tables">,
  problems: Problem[],
  elsewhere: CatalogueTable[] = [],
): (table: CatalogueTable) => FoundRule | undefined {
  const patterns = tablePatterns(rules);
  const find = finderOf(patterns);
  for (const { text, schema, table } of patterns) {
    if (
      [...tables, ...elsewhere].some(
        (each) => schema.matches(each.schema) && table.matches(each.name),
      )
    )
      continue;
    problems.push({
      kind: "rules",
      subject: `tables: ${text}`,
      reason: { code: "NO_SUCH_TABLE" },
    });
  }
  return (table) => {
    const found = mostExact(find(table));
    const [first] = found;
    if (first && found.some(({ rule }) => JSON.stringify(rule) !== JSON.stringify(first.rule))) {
      problems.push({
        kind: "rules",
        subject: `tables: ${found.map(({ text }) => text).join(" and ")}`,
        reason: { code: "RULES_CONTRADICT", of: shownName(table) },
      });
    }
    if (isLedger(table) && !first?.table.exact) {
      return { rule: "keep", text: undefined, exact: false };
    }
    return first && { rule: first.rule, text: first.text, exact: first.table.exact };
  };
}

const tablePatterns = ({ tables }: Pick<RefreshRules, "tables">): Pattern<TableRule>[] =>
  Object.entries(tables).map(([text, rule]) => patternOf(text, rule, "table"));
