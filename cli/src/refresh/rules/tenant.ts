import type { RefreshRules } from "../../config/project-config.ts";
import type { Catalogue, CatalogueTable } from "../model/catalogue.ts";
import { shownColumn, shownName, shownPart } from "../model/names.ts";
import type { Problem, ProblemReason } from "../model/problem.ts";
import { columnOf, isKey, type Link, singleKey, tableNamed } from "./links.ts";
import { type Classified, equalsTenant, type Root } from "./ownership.ts";
import { nearNames } from "./patterns/similar-names.ts";

/** The table of the organizations, one row of which is copied; undefined where the rules name none. */
export function tenantTable(
  catalogue: Catalogue,
  { tenant }: RefreshRules,
  problems: Problem[],
): Root | undefined {
  const fail = (reason: ProblemReason) => {
    problems.push({ kind: "rules", subject: "tenant", reason });
    return undefined;
  };
  const table = tableNamed(catalogue, tenant.table);
  if (!table) return fail({ code: "NO_TABLE", table: tenant.table });
  const key = tenant.key ?? singleKey(table);
  if (key === undefined) return fail({ code: "NO_SINGLE_PRIMARY_KEY", table: tenant.table });
  const named = { table: tenant.table, column: key };
  if (!columnOf(table, key)) return fail({ code: "NO_COLUMN", ...named });
  if (!isKey(table, [key])) return fail({ code: "NOT_UNIQUE", ...named });
  const owns = equalsTenant(table, key, catalogue);
  return {
    class: "root",
    key,
    table,
    path: [shownName(table)],
    condition: owns,
    owns,
    nobody: {},
    through: [],
  };
}

/**
 * Tenant columns that no table has, while one has nearly their name: tables would then belong to an
 * organization by foreign keys only, or to none. A name that is like no other may be meant for tables to come.
 */
export function misspelledTenantColumns(
  tables: CatalogueTable[],
  { tenant }: Pick<RefreshRules, "tenant">,
): Problem[] {
  const named = [tenant.column ?? []].flat();
  const all = tables.flatMap(({ columns }) => columns.map(({ name }) => name));
  return named
    .filter((name) => !tables.some((table) => columnOf(table, name)))
    .flatMap((name) => {
      const near = nearNames(name, all).filter((other) => !named.includes(other));
      if (near.length === 0) return [];
      const similar = near.slice(0, 3);
      return [
        {
          kind: "rules" as const,
          subject: "tenant",
          reason: { code: "NO_TENANT_COLUMN" as const, column: name, similar },
        },
      ];
    });
}

/** Columns that say whose a row is: they are looked at on both sides, so they stay as they are. */
export function tenantColumns(
  tables: Classified[],
  rules: RefreshRules,
  key: string,
  links: Link[],
): Set<string> {
  const names = [rules.tenant.column ?? []].flat();
  const root = tables.find((each) => each.class === "root")?.table;
  const found = new Set<string>();
  for (const classified of tables) {
    const { table } = classified;
    if (table === root) found.add(shownColumn(table, key));
    if (classified.class !== "direct") continue;
    for (const { name } of table.columns) {
      if (names.includes(name)) found.add(shownColumn(table, name));
    }
  }
  for (const { child, childColumns, parent, parentColumns } of links) {
    if (parent !== root) continue;
    parentColumns.forEach((column, at) => {
      if (column === key) found.add(shownColumn(child, childColumns[at] ?? ""));
    });
  }
  for (const [name, rule] of Object.entries(rules.tables)) {
    if (typeof rule === "object" && rule.column !== undefined)
      found.add(`${name}.${shownPart(rule.column)}`);
  }
  return found;
}
