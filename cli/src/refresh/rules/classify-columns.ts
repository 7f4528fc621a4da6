import type { Mask } from "../../config/define/masks.ts";
import type { RefreshRules } from "../../config/project-config.ts";
import { fitsFamily } from "../masks/misfit.ts";
import type { Catalogue, CatalogueColumn } from "../model/catalogue.ts";
import { type ColumnType, columnType } from "../model/column-type.ts";
import { shownColumn } from "../model/names.ts";
import { isTaken, type Unmasked } from "../model/plan.ts";
import type { Problem } from "../model/problem.ts";
import { adviceLine } from "./advised-mask.ts";
import { differentlyMasked, idleRules } from "./check-column-rules.ts";
import { type ColumnGround, isLeading, requiresClassification } from "./column-needs.ts";
import type { Classified } from "./ownership.ts";
import { mostExact, type Pattern, patternOf } from "./patterns.ts";
import { isComputed } from "./type-fit.ts";

/** What becomes of a column that is copied, and why. */
export interface Decision {
  mask: Mask | undefined;
  /** Where it is not masked. */
  unmasked: Unmasked | undefined;
  /** The rule that decided; of a column that passes the one for all tables that was not meant for it. */
  rule: string | undefined;
}

interface ClassifyColumns extends ColumnGround {
  /** Of main as it is migrated. */
  target: Catalogue;
  tables: Classified[];
  problems: Problem[];
}

/** Decides on every column that is copied; one of which nobody has said what it is, is a problem. */
export function classifyColumns(
  { columns }: RefreshRules,
  ground: ClassifyColumns,
): Map<string, Decision> {
  const { schema, target, tables, problems } = ground;
  const patterns = Object.entries(columns).map(([text, mask]) => patternOf(text, mask, "column"));
  problems.push(...idleRules(patterns, schema.catalogue));
  const decisions = new Map<string, Decision>();
  for (const classified of tables) {
    const { class: tableClass, table } = classified;
    if (!isTaken(tableClass)) continue;
    for (const column of table.columns) {
      if (isComputed(table, column, target)) continue;
      const decision = decide(patterns, classified, column, ground);
      decisions.set(shownColumn(table, column.name), decision);
    }
  }
  const maskOf = (column: string) => decisions.get(column)?.mask;
  problems.push(...differentlyMasked(maskOf, { schema, target }, tables));
  return decisions;
}

function decide(
  patterns: Pattern<Mask>[],
  classified: Classified,
  column: CatalogueColumn,
  ground: ClassifyColumns,
): Decision {
  const { table } = classified;
  const { schema, target, problems } = ground;
  const subject = shownColumn(table, column.name);
  const type = columnType(column.type, schema.catalogue);
  const needed = requiresClassification(classified, column, ground);
  const leading = isLeading(table, column, ground);
  const usable = needed
    ? patterns
    : patterns.filter((pattern) => meansUnneeded(pattern, type, leading));
  const found = mostExact(usable, table, column.name);
  const [first] = found;
  if (!first) {
    if (needed) {
      problems.push({
        kind: "column",
        subject,
        reason: { code: "UNCLASSIFIED", type: column.type },
        suggestion: adviceLine(table, column, { schema, target }),
      });
      return { mask: undefined, unmasked: "unclassified", rule: undefined };
    }
    if (leading) return { mask: undefined, unmasked: "key", rule: undefined };
    const [passedOver] = mostExact(patterns.filter(isOfAllColumns), table, column.name);
    return { mask: undefined, unmasked: "passes", rule: passedOver?.text };
  }
  if (found.some(({ rule }) => JSON.stringify(rule) !== JSON.stringify(first.rule))) {
    problems.push({
      kind: "rules",
      subject: `columns: ${found.map(({ text }) => text).join(" and ")}`,
      reason: { code: "RULES_CONTRADICT", of: subject },
    });
  }
  if (first.rule.mask === "keep") return { mask: undefined, unmasked: "keep", rule: first.text };
  if (ground.tenantColumns.has(subject)) {
    if (first.column?.exact) {
      problems.push({
        kind: "rules",
        subject: `columns: ${first.text}`,
        reason: { code: "TENANT_COLUMN_MASKED", column: subject },
      });
    }
    return { mask: undefined, unmasked: "key", rule: undefined };
  }
  return { mask: first.rule, unmasked: undefined, rule: first.text };
}

const isOfAllColumns = ({ column }: Pattern<Mask>): boolean => column?.text === "*";

/** Whether a rule means a column of which nobody needs to say anything. */
function meansUnneeded(pattern: Pattern<Mask>, type: ColumnType, leading: boolean): boolean {
  const { column: named, table: of, rule } = pattern;
  // `users.*` is every column that a mask can be put on; `*.*` is meant for those that need one.
  if (isOfAllColumns(pattern)) return of.text !== "*" && !leading;
  // One for many does not mean those that it cannot fit, such as `*.email*` the boolean `email_verified`.
  return (named?.exact && of.exact) || fitsFamily(rule, type);
}
