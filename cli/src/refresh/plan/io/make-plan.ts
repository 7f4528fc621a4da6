import type { Client } from "pg";
import type { RefreshRules } from "../../../config/project-config.ts";
import { quoteIdentifier } from "../../../postgres/quote.ts";
import type { Catalogue } from "../../model/catalogue.ts";
import { readCatalogue } from "../../model/io/read-catalogue.ts";
import type { Observed } from "../../model/observed.ts";
import type { RefreshPlan } from "../../model/plan.ts";
import { classify } from "../../rules/classify-tables.ts";
import { linksOf } from "../../rules/links-of.ts";
import { fromSql } from "../../rules/ownership.ts";
import { countRows } from "../../samples/io/count-rows.ts";
import { sampleColumns } from "../../samples/io/sample-columns.ts";
import { buildPlan, type PlanResult } from "../build-plan.ts";
import { PlanRefused } from "../problems.ts";
import { keptUnasked, targetOnlyTables } from "../target-only.ts";
import { checkMasks } from "./check-masks.ts";

export interface PlanSettings {
  rules: RefreshRules;
  /** Key of the organization; default: the demo one. */
  organization?: string | undefined;
  /** Tables with the records of migrations, which are no data: as `readCatalogue` takes them. */
  without: string[];
}

/**
 * Reads both catalogues, and of the source which types declared references have, and whether masked rows keep to
 * main's checks; changes nothing. The source is in a transaction, with the secret of the masks.
 */
export async function makePlan(
  source: Pick<Client, "query">,
  target: Pick<Client, "query">,
  { rules, organization, without }: PlanSettings,
): Promise<PlanResult> {
  const [ours, theirs] = await Promise.all([
    readCatalogue(source, { what: "the source", without }),
    readCatalogue(target, { what: "main", without }),
  ]);
  const typesPresent = await readTypes(source, ours, rules);
  const observed = await readReferenceTables(source, ours, rules);
  const { plan, problems, remarks, ...made } = buildPlan({
    source: ours,
    target: theirs,
    rules,
    organization,
    typesPresent,
    observed,
  });
  const tables = [...plan.tables, ...targetOnlyTables(ours, theirs, rules)];
  const { schema } = made;
  const tried = await checkMasks(source, plan, { schema, target: theirs, observed });
  const kept = await countRows(target, keptUnasked(ours, theirs, rules));
  const ofMain = [...kept]
    .filter(([, rows]) => rows > 0)
    .map(([table, rows]) => ({ table, code: "ONLY_ON_MAIN" as const, rows }));
  return {
    ...made,
    plan: { ...plan, tables },
    problems: [...problems, ...tried.problems],
    remarks: [...remarks, ...tried.remarks, ...ofMain],
  };
}

/** The plan, or one error that says everything that speaks against it. */
export async function requirePlan(
  source: Pick<Client, "query">,
  target: Pick<Client, "query">,
  settings: PlanSettings,
): Promise<RefreshPlan> {
  const { plan, problems } = await makePlan(source, target, settings);
  if (problems.length > 0) throw new PlanRefused(problems);
  return plan;
}

/** Of tables that are copied whole: what their texts look like. */
async function readReferenceTables(
  source: Pick<Client, "query">,
  catalogue: Catalogue,
  rules: RefreshRules,
): Promise<Observed> {
  const schema = linksOf(catalogue, rules);
  const { tables } = classify(schema, rules);
  const whole = tables.filter((each) => each.class === "reference");
  return (await sampleColumns(source, schema, whole)).observed;
}

async function readTypes(
  source: Pick<Client, "query">,
  catalogue: Catalogue,
  rules: RefreshRules,
): Promise<Record<string, string[]>> {
  const present: Record<string, string[]> = {};
  for (const { name, table, column } of linksOf(catalogue, rules).typed) {
    if (!table.readable) continue;
    const { rows } = await source.query<{ type: string }>(
      `select distinct t.${quoteIdentifier(column)}::text as type from ${fromSql(table)} t where t.${quoteIdentifier(column)} is not null`,
    );
    present[name] = rows.map(({ type }) => type).sort();
  }
  return present;
}
