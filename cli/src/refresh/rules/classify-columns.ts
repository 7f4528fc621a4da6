import type { Mask } from "../../config/define/masks.ts";
import type { RefreshRules } from "../../config/project-config.ts";
import { fitsFamily } from "../masks/misfit.ts";
import type { Catalogue, CatalogueColumn } from "../model/catalogue.ts";
import { type ColumnType, columnType } from "../model/column-type.ts";
import type { Decision } from "../model/decision.ts";
import { shownColumn } from "../model/names.ts";
import { isTaken } from "../model/plan.ts";
import type { Problem } from "../model/problem.ts";
import { adviceLine } from "./advised-mask.ts";
import { differentlyMasked, idleRules } from "./check-column-rules.ts";
import { type ColumnGround, isLeading, requiresClassification } from "./column-needs.ts";
import { followReferences } from "./follow-references.ts";
import type { Classified } from "./ownership.ts";
import {
  type Finder,
  finderOf,
  isExact,
  mostExact,
  type Pattern,
  patternOf,
} from "./patterns/patterns.ts";
import { isComputed } from "./type-fit.ts";

interface ClassifyColumns extends ColumnGround {
  /** Of main as it is migrated. */
  target: Catalogue;
  tables: Classified[];
  problems: Problem[];
  /** Not for whoever looks for masks himself, as a proposal does. */
  withoutSuggestions?: true;
}

/** Rules for columns, by how they are found. */
interface ColumnRules {
  find: Finder<Mask>;
  /** Rules that would mask what says whose a row is, with that column; and those that do something elsewhere. */
  idle: Map<Pattern<Mask>, string>;
  used: Set<Pattern<Mask>>;
}

/** Decides on every column that is copied; one of which nobody has said what it is, is a problem. */
export function classifyColumns(
  { columns }: Pick<RefreshRules, "columns">,
  ground: ClassifyColumns,
): Map<string, Decision> {
  const { schema, target, tables, problems } = ground;
  const patterns = columnPatterns({ columns });
  problems.push(...idleRules(patterns, schema.catalogue));
  const rules: ColumnRules = { find: finderOf(patterns), idle: new Map(), used: new Set() };
  const decisions = new Map<string, Decision>();
  for (const classified of tables) {
    const { class: tableClass, table } = classified;
    if (!isTaken(tableClass)) continue;
    for (const column of table.columns) {
      if (isComputed(table, column, target)) continue;
      const decision = decide(rules, classified, column, ground);
      decisions.set(shownColumn(table, column.name), decision);
    }
  }
  for (const [pattern, column] of rules.idle) {
    if (rules.used.has(pattern)) continue;
    problems.push({
      kind: "rules",
      subject: `columns: ${pattern.text}`,
      reason: { code: "TENANT_COLUMN_MASKED", column },
    });
  }
  followReferences(decisions, schema.links, tables);
  const maskOf = (column: string) => decisions.get(column)?.mask;
  problems.push(...differentlyMasked(maskOf, { schema, target }, tables));
  return decisions;
}

const columnPatterns = ({ columns }: Pick<RefreshRules, "columns">): Pattern<Mask>[] =>
  Object.entries(columns).map(([text, mask]) => patternOf(text, mask, "column"));

function decide(
  { find, idle, used }: ColumnRules,
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
  const all = find(table, column.name);
  const found = mostExact(
    needed ? all : all.filter((pattern) => meansUnneeded(pattern, type, leading)),
  );
  const [first] = found;
  if (!first) {
    if (needed) {
      problems.push({
        kind: "column",
        subject,
        reason: { code: "UNCLASSIFIED", type: column.type },
        ...(ground.withoutSuggestions !== true && {
          suggestion: adviceLine(table, column, { schema, target }),
        }),
      });
      return { mask: undefined, unmasked: "unclassified", rule: undefined };
    }
    if (leading) return { mask: undefined, unmasked: "key", rule: undefined };
    const [passedOver] = all.filter(isOfAllColumns);
    return { mask: undefined, unmasked: "passes", rule: passedOver?.text };
  }
  if (found.some(({ rule }) => JSON.stringify(rule) !== JSON.stringify(first.rule))) {
    problems.push({
      kind: "rules",
      subject: `columns: ${found.map(({ text }) => text).join(" and ")}`,
      reason: { code: "RULES_CONTRADICT", of: subject },
    });
  }
  const decided = { rule: first.text, byPattern: !isExact(first) };
  if (first.rule.mask === "keep") return { mask: undefined, unmasked: "keep", ...decided };
  if (ground.tenantColumns.has(subject)) {
    if (!idle.has(first)) idle.set(first, subject);
    return { mask: undefined, unmasked: "key", rule: undefined };
  }
  used.add(first);
  return { mask: first.rule, unmasked: undefined, ...decided };
}

const isOfAllColumns = ({ column }: Pattern<Mask>): boolean => column?.text === "*";

/** Whether a rule means a column of which nobody needs to say anything. */
function meansUnneeded(pattern: Pattern<Mask>, type: ColumnType, leading: boolean): boolean {
  const { table: of, rule } = pattern;
  // `users.*` is every column that a mask can be put on; `*.*` is meant for those that need one.
  if (isOfAllColumns(pattern)) return of.text !== "*" && !leading;
  // One for many does not mean those that it cannot fit, such as `*.email*` the boolean `email_verified`.
  return isExact(pattern) || fitsFamily(rule, type);
}
