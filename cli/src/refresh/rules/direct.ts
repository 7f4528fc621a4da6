import type { TenantRule } from "../../config/define/refresh.ts";
import type { RefreshRules } from "../../config/project-config.ts";
import type { CatalogueTable } from "../model/catalogue.ts";
import { columnType } from "../model/column-type.ts";
import { shownName } from "../model/names.ts";
import type { Problem, ProblemReason } from "../model/problem.ts";
import { tableKey } from "./derive.ts";
import { columnOf, linksAt, type Schema, sameColumns } from "./links.ts";
import { equalsTenant, isNull, type Owned, type Root } from "./ownership.ts";

/** What is known when tables are looked at one by one. */
export interface Tables {
  schema: Schema;
  rules: RefreshRules;
  root: Root;
  problems: Problem[];
}

/** `note`: why its tenant column does not count. `failed`: the reason is among the problems. */
type Direct = { owned: Owned } | { failed: true } | { note: ProblemReason | undefined };

/** A table whose rows are the tenant's by its own column, or by a condition of the rules. */
export function ownedByItself(
  table: CatalogueTable,
  rule: TenantRule | undefined,
  known: Tables,
): Direct {
  const { schema, rules, root } = known;
  const path = [shownName(table), ...root.path];
  const base = { class: "direct" as const, table, path, nobody: {}, through: [] };
  if (rule?.where !== undefined) {
    const where = rule.where.replaceAll("{tenant}", "current_setting('ds.tenant')");
    const condition = (alias: string) => `(${alias === "t" ? where : renamed(where, alias)})`;
    return { owned: { ...base, condition, owns: condition } };
  }
  if (rule?.via !== undefined) return { note: undefined };
  const names = rule?.column ?? rules.tenant.column ?? [];
  const column = [names].flat().find((name) => columnOf(table, name));
  const fail = (reason: ProblemReason, suggestion?: string): Direct => {
    known.problems.push({
      kind: rule?.column === undefined ? "table" : "rules",
      subject: shownName(table),
      reason,
      ...(suggestion ? { suggestion } : {}),
    });
    return { failed: true };
  };
  if (column === undefined) {
    return rule?.column === undefined
      ? { note: undefined }
      : fail({ code: "COLUMN_MISSING", column: rule.column });
  }
  const elsewhere = leadsElsewhere(table, column, known);
  if (elsewhere !== undefined)
    return rule?.column === undefined ? { note: elsewhere } : fail(elsewhere);
  const equals = equalsTenant(table, column, schema.catalogue);
  const through = linksAt(schema.links, table).filter(
    ({ child, childColumns, parent }) =>
      child === table && parent === root.table && sameColumns(childColumns, [column]),
  );
  const direct = { ...base, tenantColumn: column, through, condition: equals, owns: equals };
  if (columnOf(table, column)?.notNull) return { owned: direct };
  const none = isNull([column]);
  const { nullTenant } = rule ?? {};
  if (nullTenant === undefined)
    return fail(
      { code: "TENANT_MAY_BE_NULL", columns: [column] },
      `tables: { ${tableKey(table)}: { nullTenant: "skip" } }  // or "shared", "all"`,
    );
  const owned = { ...direct, nobody: { [nullTenant]: none } };
  if (nullTenant !== "all") return { owned };
  const condition = (alias: string) => `(${equals(alias)} or ${none(alias)})`;
  return { owned: { ...owned, condition } };
}

/** A table of which every row would be copied, though its rows say whose they are. */
export function notForAll(table: CatalogueTable, known: Tables): Problem[] {
  const names = [known.rules.tenant.column ?? []].flat();
  const column = names.find((name) => columnOf(table, name));
  if (column === undefined || leadsElsewhere(table, column, known) !== undefined) return [];
  return [
    {
      kind: "table",
      subject: shownName(table),
      reason: { code: "HAS_TENANT_COLUMN", column },
      suggestion: `tables: { ${tableKey(table)}: "tenant" }  // or { where: "true" }, which takes everybody's rows`,
    },
  ];
}

/** A column with the tenant column's name that means something else. */
function leadsElsewhere(
  table: CatalogueTable,
  column: string,
  { schema, root }: Tables,
): ProblemReason | undefined {
  const tenant = `${shownName(root.table)}.${root.key}`;
  const other = linksAt(schema.links, table).find(
    ({ child, childColumns, parent, parentColumns }) =>
      child === table &&
      sameColumns(childColumns, [column]) &&
      !(parent === root.table && sameColumns(parentColumns, [root.key])),
  );
  if (other) return { code: "REFERS_ELSEWHERE", column, other: shownName(other.parent), tenant };
  const type = (of: CatalogueTable, name: string) =>
    columnType(columnOf(of, name)?.type ?? "", schema.catalogue);
  const own = type(table, column);
  const theirs = type(root.table, root.key);
  const comparable =
    !own.array &&
    (own.base === theirs.base ||
      (own.family === theirs.family && ["integer", "text"].includes(own.family)));
  if (comparable) return undefined;
  const shown = `${own.base}${own.array ? "[]" : ""}`;
  return { code: "INCOMPARABLE", column, type: shown, tenant, tenantType: theirs.base };
}

/** A condition that somebody wrote for the row `t`, for another alias. */
function renamed(where: string, alias: string): string {
  return where.replace(/'(?:[^']|'')*'|\bt\./g, (found) => (found === "t." ? `${alias}.` : found));
}
