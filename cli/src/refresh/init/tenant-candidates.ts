import type { RefreshRules } from "../../config/project-config.ts";
import type { CatalogueTable } from "../model/catalogue.ts";
import { shownName } from "../model/names.ts";
import { classify } from "../rules/classify-tables.ts";
import { type Link, type Schema, singleKey } from "../rules/links.ts";

/** A table that may be that of the organizations. */
export interface TenantCandidate {
  table: CatalogueTable;
  /** By which most others name it. */
  column: string | undefined;
  /** The same name in every way that it is written: `tenant_id`, `tenantId`. */
  spellings: string[];
  /** How often others do. */
  weight: number;
}

const names =
  /^(organi[sz]ations?|orgs?|tenants?|workspaces?|accounts?|companies|company|teams?|customers?|clients?|spaces?|sites?|merchants?|stores?|shops?)$/;

/** Of those whose name fits: none that belongs to another one, and of the rest the one that most refer to. */
export function guessTenant(schema: Schema): TenantCandidate | undefined {
  const fitting = schema.catalogue.tables
    .filter((table) => table.kind !== "partition" && names.test(table.name.toLowerCase()))
    .map((table) => tenantCandidate(schema, table))
    .filter(({ weight }) => weight > 0);
  const free = fitting.filter(
    ({ table }) =>
      !fitting.some((other) => other.table !== table && belongsTo(schema, table, other.table)),
  );
  return heaviest(free.length > 0 ? free : fitting);
}

/** How others name this table. */
export function tenantCandidate(
  { catalogue, links }: Schema,
  table: CatalogueTable,
): TenantCandidate {
  const referring = links
    .filter(
      ({ parent, child, childColumns }) =>
        parent === table && child !== table && childColumns.length === 1,
    )
    .map(({ childColumns: [name] }) => name ?? "");
  const having = (column: string) =>
    catalogue.tables.filter(
      (other) => other !== table && other.columns.some(({ name }) => name === column),
    ).length;
  const column = [`${singular(table.name.toLowerCase())}_id`, ...referring].reduce((best, next) =>
    having(next) > having(best) ? next : best,
  );
  const count = having(column);
  const weight = count + referring.length;
  if (count === 0) return { table, column: undefined, spellings: [], weight };
  const names = new Set(catalogue.tables.flatMap(({ columns }) => columns.map(({ name }) => name)));
  const others = [...names].filter((name) => name !== column && letters(name) === letters(column));
  return { table, column, spellings: [column, ...others], weight };
}

const letters = (name: string): string => name.replaceAll("_", "").toLowerCase();

/** For a person to choose from: tables that others refer to, with how many tables each would own. */
export function ownersBySize(
  schema: Schema,
  limit = 8,
): { table: string; column: string | undefined; tables: number }[] {
  const looked = schema.catalogue.tables
    .filter(({ kind }) => kind !== "partition")
    .map((table) => tenantCandidate(schema, table))
    .filter(({ table, weight }) => weight > 0 && singleKey(table) !== undefined)
    .sort((one, other) => other.weight - one.weight)
    .slice(0, limit);
  return looked
    .map(({ table, column }) => {
      const { tables } = classify(schema, rulesFor(table, column));
      const owned = tables.filter((each) => "through" in each && each.class !== "root");
      return { table: shownName(table), column, tables: owned.length };
    })
    .filter(({ tables }) => tables > 0)
    .sort((one, other) => other.tables - one.tables);
}

/** Rules that say nothing but whose the rows are. */
export const rulesFor = (
  table: CatalogueTable,
  column: string | readonly string[] | undefined,
  key?: string,
): RefreshRules => ({
  from: "",
  tenant: {
    table: shownName(table),
    demo: "",
    ...(key === undefined ? {} : { key }),
    ...(column === undefined ? {} : { column: typeof column === "string" ? column : [...column] }),
  },
  tables: {},
  columns: {},
  references: {},
  crossTenant: "fail",
  maskKey: "",
});

/** Through foreign keys that cannot be empty; through one that can, where nothing leads back. */
function belongsTo({ links }: Schema, child: CatalogueTable, parent: CatalogueTable): boolean {
  const reached = new Set([child]);
  for (const table of reached) {
    for (const link of links) {
      if (link.child === table && link.notNull && link.parent !== link.child)
        reached.add(link.parent);
    }
  }
  if (reached.has(parent)) return true;
  const direct = (one: CatalogueTable, other: CatalogueTable) => (link: Link) =>
    link.child === one && link.parent === other;
  return links.some(direct(child, parent)) && !links.some(direct(parent, child));
}

const heaviest = (candidates: TenantCandidate[]): TenantCandidate | undefined =>
  candidates.reduce<TenantCandidate | undefined>(
    (first, next) => (first === undefined || next.weight > first.weight ? next : first),
    undefined,
  );

const singular = (name: string): string => name.replace(/ies$/, "y").replace(/s$/, "");
