import { quoteIdentifier } from "../../postgres/quote.ts";
import { type MaskResult, maskedColumn } from "../masks/masks.ts";
import { suggestedMask } from "../masks/suggest.ts";
import type { Catalogue, CatalogueColumn, CatalogueTable } from "../model/catalogue.ts";
import { columnType } from "../model/column-type.ts";
import { keyText, shownColumn } from "../model/names.ts";
import type { ColumnPlan } from "../model/plan.ts";
import type { MaskMisfit, Problem } from "../model/problem.ts";
import type { Decision } from "../rules/classify-columns.ts";
import { columnOf, findTable } from "../rules/links.ts";
import type { FittedColumn } from "../rules/type-fit.ts";

export interface ColumnDecisions {
  source: Catalogue;
  target: Catalogue;
  decisions: Map<string, Decision>;
  /** Columns that refer to what is skipped. */
  emptied: Set<string>;
}

/** What is loaded for a column; a mask that does not fit becomes a problem. */
export function columnPlan(
  table: CatalogueTable,
  { column, target, type, cast }: FittedColumn,
  { decisions, emptied, target: catalogue }: ColumnDecisions,
  problems: Problem[],
): ColumnPlan {
  const name = column.name;
  const subject = shownColumn(table, name);
  const value = `t.${quoteIdentifier(name)}`;
  if (emptied.has(subject)) return { name, expression: `null::${target.type}`, mask: "null" };
  const { mask, unmasked, rule } = decisions.get(subject) ?? {};
  if (!mask) return { name, expression: `${value}${cast}`, mask: undefined, unmasked, rule };
  const unique = [table, findTable(catalogue, table)].some((side) =>
    [...(side?.keys ?? []), ...(side?.partialKeys ?? [])].some(({ columns }) =>
      columns.includes(name),
    ),
  );
  const made = maskedColumn(mask, {
    value,
    target: target.type,
    type,
    notNull: target.notNull,
    unique,
    labels: catalogue.enums[type.base],
  });
  const masked = { name, mask: mask.mask, rule };
  if ("sql" in made) return { ...masked, expression: made.sql };
  const better = suggestedMask(name, type, { unique, notNull: target.notNull });
  problems.push(misfitProblem(subject, made.misfit, better, rule));
  return { ...masked, expression: value };
}

/** A rule for many columns need not change: the one that it does not fit can have its own. */
function misfitProblem(
  subject: string,
  reason: MaskMisfit,
  better: string,
  rule: string | undefined,
): Problem {
  if (!rule?.includes("*")) return { kind: "rules", subject, reason };
  return {
    kind: "rules",
    subject,
    reason: { ...reason, rule },
    suggestion: `${keyText(subject)}: ${better},`,
  };
}

/** The value that a parent's key has once it is loaded, on the source's row `t`. */
export function loadedKey(
  table: CatalogueTable,
  name: string,
  { decisions, source }: ColumnDecisions,
): string {
  const column = columnOf(table, name);
  const mask = decisions.get(shownColumn(table, name))?.mask;
  const value = `t.${quoteIdentifier(name)}`;
  if (!column || !mask) return value;
  const made = maskedKey(mask, column, source);
  return "sql" in made ? made.sql : value;
}

function maskedKey(
  mask: NonNullable<Decision["mask"]>,
  { name, type: written, notNull }: CatalogueColumn,
  source: Catalogue,
): MaskResult {
  const type = columnType(written, source);
  return maskedColumn(mask, {
    value: `t.${quoteIdentifier(name)}`,
    target: written,
    type,
    notNull,
    unique: true,
    labels: source.enums[type.base],
  });
}
