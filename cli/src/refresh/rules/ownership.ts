import { quoteIdentifier } from "../../postgres/quote.ts";
import type { Catalogue, CatalogueTable } from "../model/catalogue.ts";
import { columnType, ofAnyLength } from "../model/column-type.ts";
import { sqlName } from "../model/names.ts";
import type { TableClass } from "../model/plan.ts";
import { childKey, columnOf, type Link, sameColumns, typeCondition } from "./links.ts";

/** SQL on a row with this alias; `depth` keeps the aliases inside it apart. */
export type Condition = (alias: string, depth: number) => string;

/** Rows that belong to no tenant, by what becomes of them: the values of `nullTenant`. */
export type Nobody = Partial<Record<"skip" | "shared" | "all", Condition>>;

/** Why, and which, rows of a table are the tenant's. */
export interface Owned {
  class: Extract<TableClass, "root" | "direct" | "derived">;
  table: CatalogueTable;
  /** Tables from this one to the tenant's. */
  path: string[];
  /** The rows that are copied: the tenant's, and those of nobody that everybody gets. */
  condition: Condition;
  /** The tenant's alone. */
  owns: Condition;
  nobody: Nobody;
  /** Of the root: the column that identifies a tenant. */
  key?: string;
  /** What the condition goes by: these need no proof of their own. */
  through: Link[];
  /** Its column with the tenant's key, where it has one. */
  tenantColumn?: string;
  /** The references that make it the tenant's, where it has no such column. */
  ways?: Way[];
}

/** A table with what becomes of its rows. */
export type Classified =
  | Owned
  | {
      class: "shared" | "reference" | "keep" | "skip";
      table: CatalogueTable;
      /** No rule means the table: `else` says so. */
      byElse?: true;
    };

/** The tenant's own table. */
export type Root = Owned & { key: string };

/** A reference to a row of the tenant's. */
export interface Way {
  link: Link;
  parent: Owned;
}

/** What to select from: without the rows of tables that inherit from it, which are copied by themselves. */
export const fromSql = (table: Pick<CatalogueTable, "schema" | "name" | "kind">): string =>
  table.kind === "table" ? `only ${sqlName(table)}` : sqlName(table);

/** The tenant's key as a value of this column's type, so that an index on the column is of use. */
function tenantValue(table: CatalogueTable, column: string, catalogue: Catalogue): string {
  const type = columnType(columnOf(table, column)?.type ?? "text", catalogue);
  const setting = "current_setting('ds.tenant')";
  if (type.base === "text" || type.base === "character varying") return setting;
  return `${setting}::${ofAnyLength(type.base)}`;
}

export const equalsTenant =
  (table: CatalogueTable, column: string, catalogue: Catalogue) =>
  (alias: string): string =>
    `${alias}.${quoteIdentifier(column)} = ${tenantValue(table, column, catalogue)}`;

/** Rows of which one of the columns is empty. */
export const isNull =
  (columns: readonly string[]) =>
  (alias: string): string =>
    columns.map((column) => `${alias}.${quoteIdentifier(column)} is null`).join(" or ");

/** Of several conditions any; undefined where there is none. */
export const anyOf = (conditions: readonly Condition[]): Condition | undefined =>
  conditions.length < 2 ? conditions[0] : (...of) => joined(conditions, of, " or ");

export const allOf = (conditions: readonly Condition[]): Condition | undefined =>
  conditions.length < 2 ? conditions[0] : (...of) => joined(conditions, of, " and ");

const joined = (conditions: readonly Condition[], of: Parameters<Condition>, by: string): string =>
  `(${conditions.map((condition) => `(${condition(...of)})`).join(by)})`;

/** The row that it refers to is one of these. */
export function throughLink(
  { link, parent }: Way,
  { alias, depth }: { alias: string; depth: number },
  catalogue: Catalogue,
  which: Condition = parent.condition,
): string {
  const p = `p${depth}`;
  const keys = childKey(link, alias, catalogue);
  const equal = link.parentColumns.map(
    (column, at) => `${p}.${quoteIdentifier(column)} = ${keys[at]}`,
  );
  const exists = sameColumns(link.parentColumns, [parent.key ?? ""])
    ? `${keys[0]} = ${tenantValue(link.parent, parent.key ?? "", catalogue)}`
    : `exists (select from ${fromSql(link.parent)} ${p} where ${[...equal, which(p, depth + 1)].join(" and ")})`;
  const type = typeCondition(link, alias);
  return type === undefined ? exists : `${type} and ${exists}`;
}
