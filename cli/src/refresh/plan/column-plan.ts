import type { Mask } from "../../config/define/masks.ts";
import { quoteIdentifier } from "../../postgres/quote.ts";
import { harmlessValue } from "../masks/harmless.ts";
import { maskCode } from "../masks/mask-code.ts";
import type { Catalogue, CatalogueColumn, CatalogueTable } from "../model/catalogue.ts";
import type { Decision } from "../model/decision.ts";
import { keyText, shownColumn } from "../model/names.ts";
import type { ColumnPlan } from "../model/plan.ts";
import type { MaskMisfit, Problem } from "../model/problem.ts";
import { adviceLine } from "../rules/advised-mask.ts";
import { columnFit } from "../rules/column-fit.ts";
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
  { column, target, cast, ofOneServer }: FittedColumn,
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
  if (ofOneServer && !(mask && bringsNothing.includes(mask.mask))) {
    problems.push({
      kind: "types",
      subject,
      reason: { code: "TYPE_OF_ONE_SERVER", type: column.type },
      suggestion: blankLine(table, column, decided),
    });
    return { name, expression: value, mask: undefined, rule };
  }
  if (!mask) return { name, expression: `${value}${cast}`, mask: undefined, unmasked, rule };
  const made = maskSql(mask, { table, column }, decided);
  const masked = { name, mask: mask.mask, rule };
  if ("sql" in made) return { ...masked, expression: made.sql };
  const suggestion = adviceLine(table, column, decided);
  problems.push(misfitProblem(subject, made.misfit, suggestion, rule));
  return { ...masked, expression: value };
}

/** After these nothing is left of a value. */
const bringsNothing: Mask["mask"][] = ["null", "constant", "sql"];

/** Of such a type only nothing at all, or the same value for all rows, can come. */
function blankLine(
  table: CatalogueTable,
  column: CatalogueColumn,
  { schema, target }: ColumnDecisions,
): string {
  const fit = columnFit(table, column.name, schema.catalogue, target);
  const mask = fit.notNull ? harmlessValue(fit.type) : { mask: "null" as const };
  const code = mask === undefined ? 'mask.sql("...")' : maskCode(mask);
  return `${keyText(shownColumn(table, column.name))}: ${code},`;
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
