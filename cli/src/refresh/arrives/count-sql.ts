import type { RefreshRules } from "../../config/project-config.ts";
import { quoteIdentifier } from "../../postgres/quote.ts";
import { sameTable } from "../model/names.ts";
import { isTaken, type Reference, type RefreshPlan, type TablePlan } from "../model/plan.ts";
import { childKey, columnOf, type Schema, typeCondition } from "../rules/links.ts";
import type { Classified } from "../rules/ownership.ts";
import { tenantExpression } from "../samples/tenant-expression.ts";

/** SQL that counts, on the source, what comes along. Its rows are those of the plan's own conditions. */

/** What of a reference tells which rows refer to which. */
type Refers = Pick<
  Reference,
  "child" | "childColumns" | "childKey" | "parent" | "parentColumns" | "condition"
>;

export interface Ground {
  plan: RefreshPlan;
  schema: Schema;
  classified: readonly Classified[];
  rules: Pick<RefreshRules, "tenant">;
}

/** All there are: the plan itself has none to tables of which every row comes. */
const references = ({ links, catalogue }: Schema): Refers[] =>
  links.map((link) => ({
    ...{ child: link.child, childColumns: link.childColumns, parent: link.parent },
    parentColumns: link.parentColumns,
    childKey: childKey(link, "c", catalogue),
    condition: typeCondition(link, "c"),
  }));

const isOwned = ({ class: of }: TablePlan) => of === "root" || of === "direct" || of === "derived";

const planOf = ({ tables }: RefreshPlan, table: Reference["child"]): TablePlan | undefined =>
  tables.find((each) => sameTable(each.table, table));

/** Rows of the child under the alias `c`: those that the filter takes, or `others` that it does not. */
function childRows({ from, filter }: TablePlan, others: boolean): string {
  const condition = filter === undefined ? "true" : others ? `(${filter}) is not true` : filter;
  return `(select t.* from ${from} t where ${condition}) c`;
}

const isSet = ({ childColumns, condition }: Refers): string =>
  [
    ...childColumns.map((column) => `c.${quoteIdentifier(column)} is not null`),
    ...(condition === undefined ? [] : [`(${condition})`]),
  ].join(" and ");

const tuple = (parts: readonly string[]) =>
  parts.length === 1 ? (parts[0] ?? "") : `(${parts.join(", ")})`;

const parentKey = ({ parentColumns }: Refers, alias: string) =>
  tuple(parentColumns.map((column) => `${alias}.${quoteIdentifier(column)}`));

/** Whether rows of the children refer to the parent's row `t`. */
function referredTo({ plan, schema }: Ground, parent: TablePlan, others: boolean): string {
  const sets = references(schema).flatMap((reference) => {
    const child = planOf(plan, reference.child);
    if (child === undefined || !sameTable(reference.parent, parent.table) || child === parent)
      return [];
    if (!isTaken(child.class) || (others && !isOwned(child))) return [];
    return [
      `${parentKey(reference, "t")} in (select ${reference.childKey.join(", ")} from ${childRows(child, others)} where ${isSet(reference)})`,
    ];
  });
  return sets.length === 0 ? "false" : `coalesce(${sets.join(" or ")}, false)`;
}

/** `rows`, `others` and `nobodys` of a table whose rows others bring along, or of which all rows come. */
export function broughtSql(ground: Ground, table: TablePlan): string {
  const all = table.class === "reference";
  const counts = all
    ? "count(*) as rows, count(*) filter (where not mine and theirs) as others, count(*) filter (where not mine and not theirs) as nobodys"
    : `count(*) filter (where mine) as rows, count(*) filter (where mine and theirs) as others, ${isOwned(table) ? "count(*) filter (where mine)" : "0"} as nobodys`;
  return `select ${counts} from (
    select ${referredTo(ground, table, false)} as mine, ${referredTo(ground, table, true)} as theirs
    from ${table.from} t where ${all ? "true" : (table.followed ?? "false")}) s`;
}

/** The same of a table with a filter that may take more than the organization's own rows. */
export function takenSql(
  { schema: { catalogue }, rules: { tenant } }: Ground,
  table: TablePlan,
  classified: Classified,
): string {
  const column = [tenant.column ?? []].flat().find((name) => columnOf(classified.table, name));
  const owner =
    tenantExpression(classified, catalogue, "t") ??
    (column === undefined ? undefined : `t.${quoteIdentifier(column)}`);
  const whose =
    owner === undefined
      ? "null::bigint as others, null::bigint as nobodys"
      : `count(*) filter (where s.ds_owner <> current_setting('ds.tenant')) as others, count(*) filter (where s.ds_owner is null) as nobodys`;
  return `select count(*) as rows, ${whose} from (
    select ${owner === undefined ? "null" : `(${owner})`}::text as ds_owner
    from ${table.from} t where ${table.filter ?? "true"}) s`;
}

/** How many organizations' rows refer to the table; undefined where none of them says whose it is. */
export function tenantsSql(
  { plan, schema, classified }: Ground,
  table: TablePlan,
): string | undefined {
  const owners = references(schema).flatMap((reference) => {
    const child = classified.find((each) => sameTable(each.table, reference.child));
    const from = planOf(plan, reference.child)?.from;
    const owner = child && tenantExpression(child, schema.catalogue, "c");
    if (!sameTable(reference.parent, table.table) || owner === undefined || from === undefined)
      return [];
    return [`select (${owner})::text as owner from ${from} c where ${isSet(reference)}`];
  });
  return owners.length === 0
    ? undefined
    : `select count(distinct owner) as tenants from (${owners.join(" union all ")}) s`;
}

/** Rows that come and refer to a row of the organization's tables that does not: another one's, or none. */
export function crossingSql(plan: RefreshPlan, reference: Reference): string | undefined {
  const child = planOf(plan, reference.child);
  const parent = planOf(plan, reference.parent);
  if (child === undefined || parent === undefined || !isOwned(parent)) return undefined;
  if (!isOwned(child) && child.class !== "reference") return undefined;
  const key = tuple(reference.childKey);
  const comes = [parent.filter ?? "true", ...(parent.followed ? [parent.followed] : [])].join(
    ") or (",
  );
  const set = (condition: string) =>
    `(select ${reference.parentColumns.map((column) => `t.${quoteIdentifier(column)}`).join(", ")} from ${parent.from} t where ${condition})`;
  const equal = reference.parentColumns.map(
    (column, at) => `p.${quoteIdentifier(column)} = ${reference.childKey[at]}`,
  );
  return `select count(*) filter (where found) as others, count(*) filter (where not found) as dangling from (
    select exists (select from ${parent.from} p where ${equal.join(" and ")}) as found
    from ${childRows(child, false)} where ${isSet(reference)} and ${key} not in ${set(`((${comes})) and ${notNull(reference)}`)}) s`;
}

/** `not in` of a set with a NULL in it is never true. */
const notNull = ({ parentColumns }: Refers): string =>
  parentColumns.map((column) => `t.${quoteIdentifier(column)} is not null`).join(" and ");
