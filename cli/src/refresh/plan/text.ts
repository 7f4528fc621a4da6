import { formatBytes } from "../../lib/format/bytes.ts";
import { plural } from "../../lib/format/plural.ts";
import type { Style } from "../../lib/terminal/style.ts";
import { table as columns } from "../../lib/terminal/table.ts";
import { shownName } from "../model/names.ts";
import type { Reference, RefreshPlan, TablePlan } from "../model/plan.ts";
import { thousands } from "./progress.ts";
import { type Remark, remarkText } from "./remarks.ts";

/** The plan as a person reads it: what is taken of each table, why, and what becomes of its columns. */
export function planText(
  { tenant, tables, references }: RefreshPlan,
  style: Style,
  remarks: readonly Remark[] = [],
): string {
  const header = ["table", "class", "belongs through", "rows there", "size there"];
  const rows = tables.map((each) => [
    shownName(each.table),
    each.class,
    each.path.slice(1).join(" > ") || "-",
    each.estimatedRows < 0 ? "?" : thousands(Math.round(each.estimatedRows)),
    formatBytes(each.bytes),
  ]);
  const [first = "", ...rest] = columns([header, ...rows]);
  const special = references.filter(({ crossTenant }) => crossTenant !== "fail");
  return [
    `${style.bold(`${shownName(tenant.table)}.${tenant.key} = ${tenant.value}`)}, in ${plural(tables.length, "table")}:`,
    "",
    style.dim(first),
    ...rest.flatMap((line, index) => [line, ...masksText(tables[index])]),
    "",
    `${plural(references.length, "reference")} to follow; one to a row of another organization stops the refresh${special.length === 0 ? "." : ", except:"}`,
    ...special.map((each) => `  ${referenceText(each)}: ${policyText(each)}`),
    ...elseText(tables),
    ...passingText(tables),
    ...(remarks.length === 0 ? [] : ["", "Look at these again:"]),
    ...remarks.map((remark) => `  ${remarkText(remark)}`),
  ].join("\n");
}

/** Below their table, which would be too wide for a terminal with them. */
function masksText(plan: TablePlan | undefined): string[] {
  const masks = plan?.columns.flatMap(({ name, mask }) => (mask ? [`${name}: ${mask}`] : [])) ?? [];
  return masks.length === 0 ? [] : [`    masks ${masks.join(", ")}`];
}

/** What no rule of its own says. */
function elseText(tables: TablePlan[]): string[] {
  const named = (of: TablePlan["class"]) =>
    tables.filter((each) => each.byElse && each.class === of).map(({ table }) => shownName(table));
  const lines: [string[], string][] = [
    [named("shared"), "the rows that others refer to"],
    [named("skip"), "no rows"],
  ];
  const told = lines.filter(([names]) => names.length > 0);
  if (told.length === 0) return [];
  return [
    "",
    "No rule means these, and nothing leads from them to an organization; `else` decides:",
    ...told.map(([names, what]) => `  ${what}: ${names.join(", ")}`),
  ];
}

/** A rule for all columns of all tables sounds as if it masked these. */
function passingText(tables: TablePlan[]): string[] {
  const passing = tables.flatMap(({ table, columns }) => {
    const found = columns.filter(({ unmasked, rule }) => unmasked === "passes" && rule);
    const rules = [...new Set(found.map(({ rule }) => rule ?? ""))];
    return found.length === 0
      ? []
      : [{ rules, text: `  ${shownName(table)}: ${found.map(({ name }) => name).join(", ")}` }];
  });
  if (passing.length === 0) return [];
  const rules = [...new Set(passing.flatMap(({ rules }) => rules))].join(" and ");
  return [
    "",
    `Unmasked, as by type and name nothing personal is expected in them; ${rules} is not meant for these:`,
    ...passing.map(({ text }) => text),
  ];
}

const referenceText = ({ child, childColumns, parent }: Reference): string =>
  `${shownName(child)}.${childColumns.join(",")} > ${shownName(parent)}`;

const policyText = ({ crossTenant, emptied }: Reference): string =>
  crossTenant === "null" ? `${emptied.join(", ")} becomes NULL` : "that one row comes along";

/** The same for programs; the SQL is in no document. */
export function planDocument({ tenant, tables, references }: RefreshPlan) {
  return {
    organization: { table: shownName(tenant.table), key: tenant.key, value: tenant.value },
    tables: tables.map((each) => ({
      table: shownName(each.table),
      class: each.class,
      else: each.byElse ?? false,
      path: each.path,
      alternatives: each.alternatives.map(({ path }) => path),
      estimatedRows: each.estimatedRows < 0 ? null : Math.round(each.estimatedRows),
      bytes: each.bytes,
      format: each.format,
      columns: Object.fromEntries(each.columns.map(({ name, mask }) => [name, mask ?? null])),
      unmasked: Object.fromEntries(
        each.columns.flatMap(({ name, unmasked }) => (unmasked ? [[name, unmasked]] : [])),
      ),
    })),
    references: references.map((each) => ({
      name: each.name,
      from: `${shownName(each.child)}.${each.childColumns.join(",")}`,
      to: `${shownName(each.parent)}.${each.parentColumns.join(",")}`,
      crossTenant: each.crossTenant,
    })),
  };
}
