import type { RefreshRules } from "../../../config/project-config.ts";
import { isWordless } from "../../masks/sensitive.ts";
import { columnType } from "../../model/column-type.ts";
import { sameTable, shownColumn, shownName } from "../../model/names.ts";
import type { Observed } from "../../model/observed.ts";
import { isTaken, type Reference, type RefreshPlan, type TablePlan } from "../../model/plan.ts";
import { columnOf, type Schema } from "../../rules/links.ts";
import type { Classified } from "../../rules/ownership.ts";
import { tableRules } from "../../rules/table-rules.ts";
import { type Asks, attempt, inTransaction } from "../../samples/io/attempt.ts";
import { sampleColumns } from "../../samples/io/sample-columns.ts";
import type { Arrivals, Crossing, TableArrivals, UnmaskedColumn } from "../arrivals.ts";
import { broughtSql, crossingSql, type Ground, takenSql, tenantsSql } from "../count-sql.ts";

/** All counts together may take so long, and one of them; what is not counted is said so. */
const budgetMs = 4000;
const eachMs = 2000;

export interface ArrivalsOf {
  plan: RefreshPlan;
  schema: Schema;
  classified: Classified[];
  rules: RefreshRules;
}

/** Looks at what a plan brings besides the organization's own masked rows. Reads, in a transaction, and no value leaves the server. */
export async function lookAtArrivals(source: Asks, of: ArrivalsOf): Promise<Arrivals> {
  return inTransaction(source, async () => {
    const { observed, unseen } = await sampleUnmasked(source, of);
    const counts = new Counts(source);
    const tables: TableArrivals[] = [];
    for (const table of of.plan.tables.filter((each) => isTaken(each.class))) {
      tables.push({
        ...(await countTable(counts, of, table)),
        unmasked: unmaskedColumns(of, table, observed),
      });
    }
    const crossings: Crossing[] = [];
    for (const reference of of.plan.references) {
      if (isItsOwnPath(of, reference)) continue;
      const crossing = await countCrossing(counts, of, reference);
      if (crossing) crossings.push(crossing);
    }
    return { tables, crossings, unseen };
  });
}

/** Time-boxed questions that answer with one row of numbers. */
class Counts {
  private readonly source: Asks;
  private readonly deadline = Date.now() + budgetMs;

  constructor(source: Asks) {
    this.source = source;
  }

  /** Undefined where there was no time for it, or the server refused. */
  async ask(sql: string): Promise<Record<string, number | undefined> | undefined> {
    const left = this.deadline - Date.now();
    if (left <= 0) return undefined;
    const patience = { statementMs: Math.min(left, eachMs), lockMs: 500 };
    const found = await attempt(this.source, () => this.source.query(sql), patience);
    if (!("value" in found)) return undefined;
    const [row = {}] = found.value.rows as Record<string, string | null>[];
    return Object.fromEntries(
      Object.entries(row).map(([name, value]) => [
        name,
        value === null ? undefined : Number(value),
      ]),
    );
  }

  /** What the planner expects. */
  async expected({ from, filter }: TablePlan): Promise<number | undefined> {
    const sql = `explain (format json) select from ${from} t where ${filter ?? "true"}`;
    const found = await attempt(this.source, () => this.source.query(sql));
    return "value" in found
      ? Number(found.value.rows[0]?.["QUERY PLAN"]?.[0]?.Plan?.["Plan Rows"] ?? 0)
      : undefined;
  }
}

const nothing = { rows: undefined, others: undefined, nobodys: undefined, tenants: undefined };

async function countTable(
  counts: Counts,
  ground: Ground & ArrivalsOf,
  table: TablePlan,
): Promise<Omit<TableArrivals, "unmasked">> {
  const named = { table: shownName(table.table), class: table.class, ...nothing };
  const classified = ground.classified.find((each) => sameTable(each.table, table.table));
  const brought = table.followed !== undefined || table.class === "reference";
  const sql = brought
    ? broughtSql(ground, table)
    : classified !== undefined && mayTakeMore(ground, classified)
      ? takenSql(ground, table, classified)
      : undefined;
  if (sql === undefined) return named;
  const found = await counts.ask(sql);
  const perTenant = table.class === "reference" ? tenantsSql(ground, table) : undefined;
  const tenants = perTenant === undefined ? undefined : (await counts.ask(perTenant))?.tenants;
  if (found?.rows === undefined) {
    const rows = await counts.expected(table);
    return { ...named, rows: rows === undefined ? undefined : { rows, exact: false }, tenants };
  }
  const { rows, others, nobodys } = found;
  // What a shared row brings along in turn is not followed here.
  return { ...named, rows: { rows, exact: !isPartly(ground, table) }, others, nobodys, tenants };
}

/** Rows that are themselves only brought along refer to it: how many of them come is not known here. */
const isPartly = ({ plan, schema }: Ground, table: TablePlan): boolean =>
  table.class !== "reference" &&
  schema.links.some(
    ({ parent, child }) =>
      sameTable(parent, table.table) &&
      plan.tables.some((each) => sameTable(each.table, child) && each.followed !== undefined),
  );

/** Whether a rule takes rows that are not simply the organization's. */
function mayTakeMore({ rules, schema }: ArrivalsOf, { table }: Classified): boolean {
  const rule = tableRules(schema.catalogue.tables, rules, [])(table)?.rule;
  return typeof rule === "object" && (rule.where !== undefined || rule.nullTenant === "all");
}

/** The reference that makes the rows the organization's leads to no other one. */
const isItsOwnPath = ({ classified }: ArrivalsOf, { name, child }: Reference): boolean =>
  classified.some(
    (each) =>
      "through" in each &&
      sameTable(each.table, child) &&
      each.through.length === 1 &&
      each.through[0]?.name === name &&
      each.through[0].type === undefined,
  );

async function countCrossing(
  counts: Counts,
  { plan }: ArrivalsOf,
  reference: Reference,
): Promise<Crossing | undefined> {
  const sql = crossingSql(plan, reference);
  if (sql === undefined) return undefined;
  const { name, child, childColumns, parent, crossTenant } = reference;
  const found = await counts.ask(sql);
  const from = `${shownName(child)}.${childColumns.join(",")}`;
  const { others, dangling } = found ?? {};
  return { name, from, to: shownName(parent), crossTenant, others, dangling };
}

const hasWords = ({ schema }: ArrivalsOf, type: string): boolean =>
  !isWordless(columnType(type, schema.catalogue));

async function sampleUnmasked(source: Asks, of: ArrivalsOf) {
  const planOf = (table: TablePlan["table"]) =>
    of.plan.tables.find((each) => sameTable(each.table, table));
  const taken = of.classified.filter(({ table }) => isTaken(planOf(table)?.class ?? "skip"));
  return sampleColumns(source, of.schema, taken, (table, { name }) =>
    Boolean(planOf(table)?.columns.some((each) => each.name === name && isUnmasked(each))),
  );
}

const isUnmasked = ({ mask, unmasked }: TablePlan["columns"][number]): boolean =>
  mask === undefined && unmasked !== undefined;

function unmaskedColumns(of: ArrivalsOf, plan: TablePlan, observed: Observed): UnmaskedColumn[] {
  const table = of.schema.catalogue.tables.find((each) => sameTable(each, plan.table));
  return plan.columns.filter(isUnmasked).flatMap(({ name, unmasked }) => {
    const type = table && columnOf(table, name)?.type;
    if (type === undefined || unmasked === undefined || !hasWords(of, type)) return [];
    const sample = observed[shownColumn(plan.table, name)];
    return [
      {
        ...{ column: name, type, why: unmasked, values: sample?.filled ?? 0 },
        shapes: sample?.shapes ?? {},
        ...(sample?.paths === undefined ? {} : { paths: sample.paths }),
      },
    ];
  });
}
