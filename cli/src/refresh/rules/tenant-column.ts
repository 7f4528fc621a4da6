import type { RefreshRules } from "../../config/project-config.ts";
import type { CatalogueTable } from "../model/catalogue.ts";
import type { Problem } from "../model/problem.ts";
import { columnOf } from "./links.ts";
import { nearNames } from "./similar-names.ts";

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
      const message = `no table has a column ${name}; did you mean ${near.slice(0, 3).join(" or ")}?`;
      return [{ kind: "rules" as const, subject: "tenant", message }];
    });
}
