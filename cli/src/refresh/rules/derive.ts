import type { TenantRule } from "../../config/define/refresh.ts";
import type { CatalogueTable } from "../model/catalogue.ts";
import { keyText, shownName } from "../model/names.ts";
import type { Problem, ProblemReason } from "../model/problem.ts";
import { type Link, type Schema, sameColumns } from "./links.ts";
import { isNull, type Owned, ownedThrough, type Way } from "./ownership.ts";

/** A table that nothing of its own makes the tenant's. */
export interface OpenTable {
  table: CatalogueTable;
  rule: TenantRule | undefined;
  /** A rule says that it is the tenant's: it names the table, or says `tenant`. */
  isMeant: boolean;
  /** Why its tenant column does not count, where it has one. */
  note: ProblemReason | undefined;
}

/** Level by level, so that each table gets its shortest path; stops where nothing more is found. */
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
        return enough ? [ownedThrough(table, sure, catalogue)] : [];
      });
      const [best] = ways.sort((one, other) => one.path.length - other.path.length);
      return best ? [withNulls(best, rule, problems)] : [];
    });
    if (found.length === 0) return;
    owned.push(...found);
  }
}

/** A parent may still turn out to be the tenant's. */
const waits = (way: Link[], open: OpenTable[], owned: Owned[]): boolean =>
  way.some(
    ({ parent, child }) =>
      parent !== child &&
      open.some(({ table }) => table === parent) &&
      !owned.some(({ table }) => table === parent),
  );

/** References that may make a table the tenant's: foreign keys before declared ones, each with all its types. */
export function waysOf(
  table: CatalogueTable,
  rule: TenantRule | undefined,
  links: Link[],
): Link[][] {
  const own = links.filter(({ child }) => child === table);
  const groups = new Map<string, Link[]>();
  for (const link of own) {
    const name = `${link.declared ? "b" : "a"} ${link.name}`;
    groups.set(name, [...(groups.get(name) ?? []), link]);
  }
  const all = [...groups].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, way]) => way);
  if (rule?.via === undefined) {
    const sure = ({ notNull, type }: Link) => notNull && type?.complete !== false;
    return all.filter((way) => way.every(sure));
  }
  return all.filter((way) => way.some((link) => isNamed(link, rule.via ?? "")));
}

const isNamed = ({ name, childColumns }: Link, via: string): boolean =>
  name === via ||
  sameColumns(
    childColumns,
    via.split(",").map((column) => column.trim()),
  );

/** A reference that may be empty leaves rows that belong to nobody. */
function withNulls(owned: Owned, rule: TenantRule | undefined, problems: Problem[]): Owned {
  const [link] = owned.through;
  if (!link || owned.through.every(({ notNull }) => notNull)) return owned;
  const columns = link.childColumns;
  const none = (alias: string) => `(${isNull(columns)(alias)})`;
  switch (rule?.nullTenant) {
    case "skip":
      return owned;
    case "shared":
      return { ...owned, unowned: none };
    case "all":
      return {
        ...owned,
        condition: (alias, depth) => `(${owned.condition(alias, depth)} or ${none(alias)})`,
      };
    default:
      problems.push({
        kind: "table",
        subject: shownName(owned.table),
        reason: { code: "TENANT_MAY_BE_NULL", columns },
        suggestion: `tables: { ${tableKey(owned.table)}: { via: ${JSON.stringify(rule?.via)}, nullTenant: "skip" } }  // or "shared", "all"`,
      });
      return owned;
  }
}

/** A table's name as a key of the configuration. */
export const tableKey = (table: CatalogueTable): string => {
  const name = shownName(table);
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : keyText(name);
};
