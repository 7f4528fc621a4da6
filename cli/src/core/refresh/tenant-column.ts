import type { RefreshRules } from "../../config.ts";
import { nearNames } from "../near-names.ts";
import type { CatalogueTable } from "./catalogue.ts";
import { columnOf, type Link } from "./links.ts";
import type { Owned } from "./ownership.ts";
import type { Problem } from "./problem.ts";
import { shownName } from "./sql-names.ts";

/**
 * Tenant columns that no table has. Tables would then belong to an organization by other ways only, or to
 * none, which nobody meant who named a column.
 *
 * @param saysWhose whether the column, where a table has it, is the organization's key
 */
export function idleTenantColumns(
  tables: CatalogueTable[],
  { tenant }: Pick<RefreshRules, "tenant">,
  links: Link[],
  root: Owned,
  saysWhose: (table: CatalogueTable, column: string) => boolean,
): Problem[] {
  const named = [tenant.column ?? []].flat();
  const others = tables.filter((table) => table !== root.table);
  const idle = named.filter(
    (name) => !others.some((table) => columnOf(table, name) && saysWhose(table, name)),
  );
  const referring = links.flatMap(({ child, childColumns: [column = "", ...more], parent }) =>
    parent === root.table && child !== parent && more.length === 0 ? [column] : [],
  );
  const all = others.flatMap(({ columns }) => columns.map(({ name }) => name));
  return idle.map((name) => {
    const near = nearNames(name, [...referring, ...all]);
    const meant = [...new Set(near.length > 0 ? near : referring)]
      .filter((other) => !named.includes(other))
      .slice(0, 3);
    const guess =
      meant.length > 0
        ? `did you mean ${meant.join(" or ")}?`
        : "leave `column` out where none has";
    return {
      kind: "rules",
      subject: "tenant",
      message: `no table has a column ${name} that says whose a row is, by ${shownName(root.table)}.${root.key}; ${guess}`,
    };
  });
}
