import type { CatalogueTable } from "../model/catalogue.ts";
import type { OpenTable } from "./derive.ts";
import { type Link, linksAt } from "./links.ts";

/**
 * Tables that nothing leads from to an organization, whatever is said of others. A question that only the team
 * can answer is none of `else`: a reference to the organization's rows, or a tenant column, that may be NULL or
 * means something else; and what waits for the answer.
 */
export function leftOver(
  open: OpenTable[],
  failed: CatalogueTable[],
  links: Link[],
  isOwned: ReadonlySet<CatalogueTable>,
): OpenTable[] {
  const asked = new Set(failed);
  for (const { table, rule, isMeant, note } of open) {
    if (isMeant || note !== undefined || rule?.via !== undefined) asked.add(table);
  }
  for (const { child, parent } of links)
    if (isOwned.has(parent) && !isOwned.has(child)) asked.add(child);
  for (let size = -1; size !== asked.size; ) {
    size = asked.size;
    for (const { child, parent, notNull } of links) {
      if (notNull && asked.has(parent)) asked.add(child);
    }
  }
  return open.filter(({ table }) => !asked.has(table));
}

export const isReferredTo = (table: CatalogueTable, links: readonly Link[]): boolean =>
  linksAt(links, table).some(({ parent, child }) => parent === table && child !== table);
