import type { RefreshRules } from "../../config/project-config.ts";
import { spaced } from "../masks/sensitive.ts";
import type { CatalogueTable } from "../model/catalogue.ts";
import { shownName } from "../model/names.ts";
import { type Link, linksAt } from "../rules/links.ts";
import type { Classified, Owned } from "../rules/ownership.ts";

/**
 * Lists every way to the organization of tables whose first one may be empty: rows that belong by another one alone
 * would be left out. True where a rule changed.
 */
export function listWays(
  tables: readonly Classified[],
  links: Link[],
  rules: RefreshRules,
): boolean {
  const owned = tables.filter((each) => "through" in each);
  const leads = new Map(owned.map(({ table, ways = [] }) => [table, ways.map(parentOf)]));
  let changed = false;
  for (const each of owned) {
    const { table } = each;
    const rule = rules.tables[shownName(table)];
    // What belongs to another row by a reference that is never empty is treated as that row is.
    if (typeof rule !== "object" || rule.nullTenant === undefined) continue;
    const more = moreWays(each, links, owned).filter(
      ({ parent }) => !reaches(leads, parent, table),
    );
    if (more.length === 0) continue;
    leads.set(table, [...(leads.get(table) ?? []), ...more.map(({ parent }) => parent)]);
    const first = each.tenantColumn === undefined ? each.through.map(nameOf) : [each.tenantColumn];
    const via = [...new Set([...first, ...more.map(nameOf)])];
    rules.tables[shownName(table)] = { ...rule, via };
    changed = true;
  }
  return changed;
}

const parentOf = ({ parent }: { parent: { table: CatalogueTable } }) => parent.table;
const nameOf = ({ childColumns }: Link) => childColumns.join(",");

/** Other references to what belongs to somebody, where they say whose the row is. */
function moreWays({ table, through, tenantColumn }: Owned, links: Link[], owned: Owned[]): Link[] {
  const isNew = (link: Link) =>
    !through.includes(link) && !link.childColumns.includes(tenantColumn ?? "");
  return linksAt(links, table).filter((link) => {
    if (link.child !== table || link.type !== undefined) return false;
    const parent = owned.find((each) => each.table === link.parent);
    // Beside its own organization a row may name another one, such as who brought it.
    if (parent === undefined || parent.class === "root") return false;
    return isNew(link) && isOfOwner(link);
  });
}

const mentions =
  /\b(last|previous|current|default|active|selected|preferred|recent|copied|cloned)\b/;

/** Where somebody was last, or what something was copied from, does not own it. */
export const isOfOwner = ({ childColumns }: Link): boolean =>
  !childColumns.some((name) => mentions.test(spaced(name)));

function reaches(
  leads: ReadonlyMap<CatalogueTable, CatalogueTable[]>,
  from: CatalogueTable,
  to: CatalogueTable,
): boolean {
  const reached = new Set([from]);
  for (const table of reached) for (const next of leads.get(table) ?? []) reached.add(next);
  return reached.has(to);
}
