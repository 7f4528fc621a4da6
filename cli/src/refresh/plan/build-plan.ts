import type { RefreshRules } from "../../config/project-config.ts";
import type { Catalogue, CatalogueTable } from "../model/catalogue.ts";
import { columnType } from "../model/column-type.ts";
import { shownColumn, shownName } from "../model/names.ts";
import type { Observed } from "../model/observed.ts";
import { isTaken, type RefreshPlan, type TablePlan } from "../model/plan.ts";
import type { Problem } from "../model/problem.ts";
import { classifyColumns } from "../rules/classify-columns.ts";
import { classify } from "../rules/classify-tables.ts";
import { findTable, type Schema } from "../rules/links.ts";
import { linksOf } from "../rules/links-of.ts";
import { anyOf, type Classified, fromSql } from "../rules/ownership.ts";
import {
  alternativesOf,
  crossTenantPolicies,
  emptiedBySkipping,
  planReferences,
} from "../rules/references.ts";
import { tenantColumns } from "../rules/tenant.ts";
import { fitTable } from "../rules/type-fit.ts";
import { type ColumnDecisions, columnPlan, loadedKey } from "./column-plan.ts";
import { pairRemarks } from "./pair-remarks.ts";
import { type Remark, remarksOf } from "./remarks.ts";
import { softRemarks } from "./soft-remarks.ts";
import { accessProblems, unknownTypes } from "./source-problems.ts";
import { onlyOn } from "./target-only.ts";

export interface PlanInput {
  source: Catalogue;
  target: Catalogue;
  rules: RefreshRules;
  /** Key of the organization; default: the demo one. */
  organization?: string | undefined;
  /** Values of the type columns of declared references, by the reference's name, as the source has them. */
  typesPresent?: Record<string, string[]>;
  /** What values of `reference` tables look like. */
  observed?: Observed;
}

/** The plan as far as it could be made, and everything that speaks against carrying it out. */
export interface PlanResult {
  plan: RefreshPlan;
  problems: Problem[];
  remarks: Remark[];
  /** What the plan was made of. */
  schema: Schema;
  classified: Classified[];
}

export function buildPlan({
  source,
  target,
  rules,
  organization,
  typesPresent = {},
  observed = {},
}: PlanInput): PlanResult {
  const { typed, problems, ...schema } = linksOf(source, rules);
  const { links } = schema;
  const classes = classify(schema, rules, onlyOn(target, source));
  problems.push(...classes.problems);
  const policies = crossTenantPolicies(rules, links, problems);
  const tables = classes.tables;
  const decisions = classifyColumns(rules, {
    schema,
    target,
    tables,
    tenantColumns: tenantColumns(tables, rules, classes.key, links),
    typeColumns: new Set(typed.map(({ table, column }) => shownColumn(table, column))),
    problems,
    observed,
  });
  problems.push(...unknownTypes(typed, typesPresent), ...accessProblems(tables));
  const emptied = emptiedBySkipping(links, tables, policies, problems);
  const columns: ColumnDecisions = { schema, target, decisions, emptied };
  const root = tables.find((each) => each.class === "root")?.table;
  const plan: RefreshPlan = {
    tenant: {
      table: root ? nameOf(root) : { schema: "public", name: rules.tenant.table },
      key: classes.key,
      value: organization ?? rules.tenant.demo,
    },
    tables: inOrder(tables).map((classified) => ({
      ...tablePlan(classified, columns, problems),
      alternatives: alternativesOf(classified, tables, schema, policies),
    })),
    references: planReferences(schema, tables, policies, ({ parent }, column) =>
      loadedKey(parent, column, columns),
    ),
  };
  const remarks = [
    ...remarksOf(tables, links, rules),
    ...softRemarks(tables, schema, decisions),
    ...pairRemarks(tables, { links, typed }, decisions),
  ];
  return { plan, problems: onceEach(problems), remarks, schema, classified: tables };
}

function tablePlan(
  classified: Classified,
  decisions: ColumnDecisions,
  problems: Problem[],
): Omit<TablePlan, "alternatives"> {
  const { table } = classified;
  const { target } = decisions;
  const source = decisions.schema.catalogue;
  const owned = "condition" in classified ? classified : undefined;
  const columns = isTaken(classified.class) ? fitTable(table, source, target, problems) : [];
  return {
    table: nameOf(table),
    from: fromSql(table),
    // Of a ledger that only production has there is nothing to keep.
    class: classified.class === "keep" && !findTable(target, table) ? "skip" : classified.class,
    ...("byElse" in classified && classified.byElse ? { byElse: true as const } : {}),
    filter: owned?.condition("t", 1),
    followed: classified.class === "shared" ? "true" : owned?.nobody.shared?.("t", 1),
    nobodys: owned && anyOf(Object.values(owned.nobody))?.("t", 1),
    path: owned?.path ?? [],
    format: columns.some(({ column }) => carriesTypeNumbers(column.type, source))
      ? "text"
      : "binary",
    columns: columns.map((column) => columnPlan(table, column, decisions, problems)),
    estimatedRows: table.estimatedRows,
    bytes: table.bytes,
  };
}

const order = ["root", "direct", "derived", "shared", "reference", "keep", "skip"];

const inOrder = (tables: Classified[]): Classified[] =>
  [...tables].sort(
    (one, other) =>
      order.indexOf(one.class) - order.indexOf(other.class) ||
      (shownName(one.table) < shownName(other.table) ? -1 : 1),
  );

const nameOf = ({ schema, name }: CatalogueTable) => ({ schema, name });

/** Arrays and composites of binary COPY name the types in them by numbers that no other server has. */
function carriesTypeNumbers(type: string, catalogue: Catalogue): boolean {
  if (type.endsWith("[]") && type.includes(".")) return true;
  const { array, family, base } = columnType(type, catalogue);
  return base.includes(".") && (array || family === "other");
}

/** The first of each subject and reason. */
function onceEach(problems: Problem[]): Problem[] {
  const keyOf = ({ subject, reason }: Problem) => JSON.stringify([subject, reason]);
  const first = new Map(problems.toReversed().map((problem) => [keyOf(problem), problem]));
  return problems.filter((problem) => first.get(keyOf(problem)) === problem);
}
