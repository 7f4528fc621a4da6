import type { RefreshRules } from "../../config/project-config.ts";
import { quoteIdentifier } from "../../postgres/quote.ts";
import { maskedColumn } from "../masks/masks.ts";
import { suggestedMask } from "../masks/suggest.ts";
import type { Catalogue, CatalogueTable } from "../model/catalogue.ts";
import { columnType } from "../model/column-type.ts";
import { keyText, shownColumn, shownName } from "../model/names.ts";
import type { ColumnPlan, RefreshPlan, TablePlan } from "../model/plan.ts";
import type { Problem } from "../model/problem.ts";
import { classifyColumns, type Decision, tenantColumns } from "../rules/classify-columns.ts";
import { type Classified, classify } from "../rules/classify-tables.ts";
import { findTable, type Link, linksOf, type TypedReference } from "../rules/links.ts";
import { fromSql } from "../rules/ownership.ts";
import {
  alternativesOf,
  crossTenantPolicies,
  emptiedBySkipping,
  type Policies,
  planReferences,
} from "../rules/references.ts";
import { type GatedColumn, gateTable } from "../rules/type-fit.ts";

export interface PlanInput {
  source: Catalogue;
  target: Catalogue;
  rules: RefreshRules;
  /** Key of the organization; default: the demo one. */
  organization?: string | undefined;
  /** Values of the type columns of declared references, by the reference's name, as the source has them. */
  typesPresent?: Record<string, string[]>;
}

/** The plan as far as it could be made, and everything that speaks against carrying it out. */
export interface PlanResult {
  plan: RefreshPlan;
  problems: Problem[];
}

export function buildPlan({
  source,
  target,
  rules,
  organization,
  typesPresent = {},
}: PlanInput): PlanResult {
  const { links, typed, problems } = linksOf(source, rules);
  const classes = classify(source, rules, links);
  problems.push(...classes.problems);
  const policies = crossTenantPolicies(rules, links, problems);
  const tables = classes.tables;
  const decisions = classifyColumns(rules, {
    catalogue: source,
    target,
    tables,
    links,
    tenantColumns: tenantColumns(tables, rules, classes.key, links),
    typeColumns: new Set(typed.map(({ table, column }) => shownColumn(table, column))),
    problems,
  });
  problems.push(...unknownTypes(typed, typesPresent), ...accessProblems(tables));
  const making: Making = {
    source,
    target,
    decisions,
    links,
    tables,
    policies,
    emptied: emptiedBySkipping(links, tables, policies, problems),
    problems,
  };
  const root = tables.find((each) => each.class === "root")?.table;
  const plan: RefreshPlan = {
    tenant: {
      table: root ? nameOf(root) : { schema: "public", name: rules.tenant.table },
      key: classes.key,
      value: organization ?? rules.tenant.demo,
    },
    tables: inOrder(tables).map((classified) => tablePlan(classified, making)),
    references: planReferences(
      links,
      tables,
      policies,
      ({ parent }, column) => expressionOf(parent, column, decisions, source),
      source,
    ),
  };
  return { plan, problems: problems.filter(isFirst) };
}

interface Making {
  source: Catalogue;
  target: Catalogue;
  decisions: Map<string, Decision>;
  links: Link[];
  tables: Classified[];
  policies: Policies;
  /** Columns that refer to what is skipped. */
  emptied: Set<string>;
  problems: Problem[];
}

function tablePlan(classified: Classified, making: Making): TablePlan {
  const { table } = classified;
  const owned = "condition" in classified ? classified : undefined;
  const columns =
    classified.class === "skip"
      ? []
      : gateTable(table, making.source, making.target, making.problems);
  return {
    table: nameOf(table),
    from: fromSql(table),
    class: classified.class,
    filter: owned?.condition("t", 1),
    followed: classified.class === "shared" ? "true" : owned?.unowned?.("t"),
    path: owned?.path ?? [],
    alternatives: alternativesOf(
      classified,
      making.tables,
      making.links,
      making.policies,
      making.source,
    ),
    format: columns.some(({ column }) => carriesTypeNumbers(column.type, making.source))
      ? "text"
      : "binary",
    columns: columns.map((column) => columnPlan(table, column, making)),
    estimatedRows: table.estimatedRows,
    bytes: table.bytes,
  };
}

function columnPlan(
  table: CatalogueTable,
  { column, target, type, cast }: GatedColumn,
  { decisions, emptied, target: catalogue, problems }: Making,
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
  problems.push(misfit(subject, made.problem, better, rule));
  return { ...masked, expression: value };
}

/** A rule for many columns need not change: the one that it does not fit can have its own. */
function misfit(subject: string, message: string, better: string, rule = ""): Problem {
  if (!rule.includes("*")) return { kind: "rules", subject, message };
  return {
    kind: "rules",
    subject,
    message: `${message}, as ${rule} says: give it a rule of its own`,
    suggestion: `${keyText(subject)}: ${better},`,
  };
}

/** The value that a parent's key has once it is loaded, on the source's row `t`. */
function expressionOf(
  table: CatalogueTable,
  name: string,
  decisions: Map<string, Decision>,
  source: Catalogue,
): string {
  const column = table.columns.find((each) => each.name === name);
  const mask = decisions.get(shownColumn(table, name))?.mask;
  const value = `t.${quoteIdentifier(name)}`;
  if (!column || !mask) return value;
  const type = columnType(column.type, source);
  const made = maskedColumn(mask, {
    value,
    target: column.type,
    type,
    notNull: column.notNull,
    unique: true,
    labels: source.enums[type.base],
  });
  return "sql" in made ? made.sql : value;
}

function unknownTypes(typed: TypedReference[], present: Record<string, string[]>): Problem[] {
  return typed.flatMap(({ name, known }) => {
    const unknown = (present[name] ?? []).filter((type) => !known.includes(type));
    if (unknown.length === 0) return [];
    const list = unknown.map((type) => JSON.stringify(type)).join(", ");
    return [
      {
        kind: "reference" as const,
        subject: `references: ${name}`,
        message: `production has rows of type ${list}, which the rules do not know`,
        suggestion: `${keyText(name)}: { ..., to: { ..., ${JSON.stringify(unknown[0])}: "table.id" } }  // or null`,
      },
    ];
  });
}

function accessProblems(tables: Classified[]): Problem[] {
  return tables
    .filter((each) => each.class !== "skip")
    .flatMap(({ table }) => {
      const problem = (message: string): Problem => ({
        kind: "access",
        subject: shownName(table),
        message,
      });
      if (!table.readable) return [problem("the role may not read it")];
      return table.rowSecurity.active
        ? [problem("row-level security hides rows of it from the role")]
        : [];
    });
}

const order = ["root", "direct", "derived", "shared", "reference", "skip"];

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

const isFirst = (problem: Problem, at: number, all: Problem[]): boolean =>
  all.findIndex(
    ({ subject, message }) => subject === problem.subject && message === problem.message,
  ) === at;
