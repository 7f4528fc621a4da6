import type { TenantRule } from "../../config/define/refresh.ts";
import type { Catalogue, CatalogueTable } from "../model/catalogue.ts";
import { shownName } from "../model/names.ts";
import type { Link } from "./links.ts";
import {
  allOf,
  anyOf,
  type Condition,
  isNull,
  type Nobody,
  type Owned,
  throughLink,
  type Way,
} from "./ownership.ts";

/**
 * Belongs to the tenant because a row that it refers to does: by one reference, or by any of several. A row of
 * which none leads to anybody is nobody's, and treated as what it refers to, or as `nullTenant` says.
 */
export function ownedThrough(
  table: CatalogueTable,
  ways: Way[],
  catalogue: Catalogue,
  nullTenant: TenantRule["nullTenant"],
): Owned {
  const shortest = ways.reduce((best, next) =>
    next.parent.path.length < best.parent.path.length ? next : best,
  );
  const through: Through = (of) => (way) => {
    const which = of(way.parent);
    if (which === undefined) return [];
    return [(alias, depth) => throughLink(way, { alias, depth }, catalogue, which)];
  };
  const groups = byReference(ways, ({ link }) => link);
  const empty = allEmpty(groups);
  const nobody = nobodyOf(groups, through, nullTenant);
  const owns = some(ways.flatMap(through((parent) => parent.owns)));
  // What one reference alone leads to is copied with it, whether it is somebody's or not.
  const condition =
    groups.length === 1
      ? some([
          some(ways.flatMap(through((parent) => parent.condition))),
          ...(nullTenant === "all" ? [empty] : []),
        ])
      : some([owns, nobody.all]);
  return {
    class: "derived",
    table,
    path: [shownName(table), ...shortest.parent.path],
    condition,
    owns,
    nobody,
    through: ways.map(({ link }) => link),
    ways,
  };
}

type Through = (of: (parent: Owned) => Condition | undefined) => (way: Way) => Condition[];

/** Those of one reference, which may have a type for each table that it leads to, are together. */
export function byReference<T>(all: readonly T[], linkOf: (each: T) => Link): T[][] {
  const groups = new Map<string, T[]>();
  for (const each of all) {
    const { name, declared } = linkOf(each);
    const key = `${declared} ${name}`;
    groups.set(key, [...(groups.get(key) ?? []), each]);
  }
  return [...groups.values()];
}

const mayBeEmpty = (group: Way[]): boolean => group.some(({ link }) => !link.notNull);

const emptyIn = ([way]: Way[]): Condition => {
  const empty = isNull(way?.link.childColumns ?? []);
  return (alias) => `(${empty(alias)})`;
};

/** No reference leads anywhere. */
const allEmpty = (groups: Way[][]): Condition | undefined =>
  groups.every(mayBeEmpty) ? allOf(groups.map(emptyIn)) : undefined;

const treatments = ["skip", "shared", "all"] as const;

function nobodyOf(groups: Way[][], through: Through, nullTenant: TenantRule["nullTenant"]): Nobody {
  const leads = (group: Way[], to: keyof Nobody) =>
    anyOf(group.flatMap(through((parent) => parent.nobody[to])));
  const free = groups.map((group) =>
    anyOf(
      defined([
        mayBeEmpty(group) ? emptyIn(group) : undefined,
        ...treatments.map((each) => leads(group, each)),
      ]),
    ),
  );
  if (free.includes(undefined)) return {};
  const empty = allEmpty(groups);
  const nobody: Nobody = {};
  for (const each of treatments) {
    const to = anyOf(defined(groups.map((group) => leads(group, each))));
    const inherited = to && (groups.length === 1 ? to : allOf(defined([...free, to])));
    const found = anyOf(defined([inherited, nullTenant === each ? empty : undefined]));
    if (found !== undefined) nobody[each] = found;
  }
  return nobody;
}

const defined = (conditions: readonly (Condition | undefined)[]): Condition[] =>
  conditions.filter((each) => each !== undefined);

function some(conditions: readonly (Condition | undefined)[]): Condition {
  const any = anyOf(defined(conditions));
  if (any === undefined) throw new Error("no way to the tenant");
  return any;
}
