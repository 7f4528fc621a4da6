import { quoteIdentifier } from "../../postgres/quote.ts";
import type { Catalogue, CatalogueTable } from "../model/catalogue.ts";
import type { Decision } from "../model/decision.ts";
import { shownColumn } from "../model/names.ts";
import type { ColumnPlan } from "../model/plan.ts";
import type { MaskMisfit, Problem } from "../model/problem.ts";
import { adviceLine } from "../rules/advised-mask.ts";
import { columnOf, type Schema } from "../rules/links.ts";
import { maskSql } from "../rules/mask-sql.ts";
import type { FittedColumn } from "../rules/type-fit.ts";

export interface ColumnDecisions {
  schema: Schema;
  target: Catalogue;
  decisions: Map<string, Decision>;
  /** Columns that refer to what is skipped. */
  emptied: Set<string>;
}

/** What is loaded for a column; a mask that does not fit becomes a problem. */
export function columnPlan(
  table: CatalogueTable,
  { column, target, cast }: FittedColumn,
  decided: ColumnDecisions,
  problems: Problem[],
): ColumnPlan {
  const name = column.name;
  const subject = shownColumn(table, name);
  const value = `t.${quoteIdentifier(name)}`;
  if (decided.emptied.has(subject)) {
    return { name, expression: `null::${target.type}`, mask: "null" };
  }
  const { mask, unmasked, rule } = decided.decisions.get(subject) ?? {};
  if (!mask) return { name, expression: `${value}${cast}`, mask: undefined, unmasked, rule };
  const made = maskSql(mask, { table, column }, decided);
  const masked = { name, mask: mask.mask, rule };
  if ("sql" in made) return { ...masked, expression: made.sql };
  const suggestion = adviceLine(table, column, decided);
  problems.push(misfitProblem(subject, made.misfit, suggestion, rule));
  return { ...masked, expression: value };
}

/** A rule for many columns need not change: the one that it does not fit can have its own. */
const misfitProblem = (
  subject: string,
  reason: MaskMisfit,
  suggestion: string,
  rule: string | undefined,
): Problem => ({
  kind: "rules",
  subject,
  reason: rule?.includes("*") ? { ...reason, rule } : reason,
  suggestion,
});

/** The value that a parent's key has once it is loaded, on the source's row `t`. */
export function loadedKey(table: CatalogueTable, name: string, decided: ColumnDecisions): string {
  const column = columnOf(table, name);
  const mask = decided.decisions.get(shownColumn(table, name))?.mask;
  const made = column && mask && maskSql(mask, { table, column }, decided);
  return made && "sql" in made ? made.sql : `t.${quoteIdentifier(name)}`;
}
