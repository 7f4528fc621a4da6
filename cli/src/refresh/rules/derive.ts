import type { TenantRule } from "../../config/define/refresh.ts";
import type { CatalogueTable } from "../model/catalogue.ts";
import { keyText, shownName } from "../model/names.ts";
import type { Problem, ProblemReason } from "../model/problem.ts";
import { type Link, linksAt, type Schema, sameColumns } from "./links.ts";
import { byReference, ownedThrough } from "./owned-through.ts";
import type { Owned, Way } from "./ownership.ts";

/** A table that nothing of its own makes the tenant's. */
export interface OpenTable {
  table: CatalogueTable;
  rule: TenantRule | undefined;
  /** A rule says that it is the tenant's: it names the table, or says `tenant`. */
  isMeant: boolean;
  /** Why its tenant column does not count, where it has one. */
  note: ProblemReason | undefined;
}

/** Level by level, so that each table gets its shortest sure path; stops where nothing more is found. */
export function derive(
  open: OpenTable[],
  owned: Owned[],
  { links, catalogue }: Schema,
  problems: Problem[],
): void {
  const possible = new Map(open.map(({ table, rule }) => [table, waysOf(table, rule, links)]));
  for (;;) {
    const byTable = new Map(owned.map((each) => [each.table, each]));
    const left = open.filter(({ table }) => !byTable.has(table));
    const found = left.flatMap(({ table, rule }) => {
      const ways = (possible.get(table) ?? []).flatMap((way) => {
        const known = way.map((link) => ({ link, parent: byTable.get(link.parent) }));
        const sure = known.filter((each): each is Way => each.parent !== undefined);
        const enough =
          rule?.via === undefined
            ? sure.length === way.length
            : sure.length > 0 && !waits(way, open, owned);
        return enough ? [ownedThrough(table, sure, catalogue, rule?.nullTenant)] : [];
      });
      const [best] = ways.sort(surerFirst);
      return best === undefined ? [] : [{ best, rule }];
    });
    if (found.length === 0) return;
    // What is not sure yet may turn out to be by a longer way.
    const sure = found.filter(({ best }) => isSure(best));
    for (const { best, rule } of sure.length > 0 ? sure : found) {
      problems.push(...unsaidNulls(best, rule));
      owned.push(best);
    }
  }
}

/** On another way a row may turn out to be nobody's, which loses those that lead to the organization elsewhere. */
const isSure = ({ nobody }: Owned): boolean => Object.keys(nobody).length === 0;

const surerFirst = (one: Owned, other: Owned): number =>
  Number(isSure(other)) - Number(isSure(one)) || one.path.length - other.path.length;

/** A parent may still turn out to be the tenant's. */
const waits = (way: Link[], open: OpenTable[], owned: Owned[]): boolean =>
  way.some(
    ({ parent, child }) =>
      parent !== child &&
      open.some(({ table }) => table === parent) &&
      !owned.some(({ table }) => table === parent),
  );

/**
 * References that may make a table the tenant's: foreign keys before declared ones, each with all its types.
 * Those that a rule names are one way together: any of them will do.
 */
function waysOf(table: CatalogueTable, rule: TenantRule | undefined, links: Link[]): Link[][] {
  const own = linksAt(links, table).filter(({ child }) => child === table);
  if (rule?.via !== undefined) {
    const named = viasOf(rule).flatMap((via) => own.filter((link) => isNamed(link, via)));
    return named.length === 0 ? [] : [[...new Set(named)]];
  }
  const order = ({ declared, name }: Link) => `${declared ? "b" : "a"} ${name}`;
  const sorted = [...own].sort((one, other) => (order(one) < order(other) ? -1 : 1));
  const sure = ({ notNull, type }: Link) => notNull && type?.complete !== false;
  return byReference(sorted, (link) => link).filter((way) => way.every(sure));
}

export const viasOf = (rule: TenantRule | undefined): string[] => [rule?.via ?? []].flat();

export const isNamed = ({ name, childColumns }: Link, via: string): boolean =>
  name === via ||
  sameColumns(
    childColumns,
    via.split(",").map((column) => column.trim()),
  );

/** References that may be empty leave rows that belong to nobody. */
function unsaidNulls({ table, through }: Owned, rule: TenantRule | undefined): Problem[] {
  if (through.some(({ notNull }) => notNull) || rule?.nullTenant !== undefined) return [];
  const columns = [...new Set(through.flatMap(({ childColumns }) => childColumns))];
  const via = JSON.stringify(rule?.via);
  return [
    {
      kind: "table",
      subject: shownName(table),
      reason: { code: "TENANT_MAY_BE_NULL", columns },
      suggestion: `tables: { ${tableKey(table)}: { via: ${via}, nullTenant: "skip" } }  // or "shared", "all"`,
    },
  ];
}

/** A table's name as a key of the configuration. */
export const tableKey = (table: CatalogueTable): string => {
  const name = shownName(table);
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : keyText(name);
};
