import type { CatalogueTable } from "../model/catalogue.ts";
import type { Decision } from "../model/decision.ts";
import { shownColumn, shownName } from "../model/names.ts";
import { isTaken } from "../model/plan.ts";
import type { Schema } from "../rules/links.ts";
import type { Classified } from "../rules/ownership.ts";
import { comparable, KeyNames, typeOf } from "../samples/key-names.ts";

/** A column is called as another table's key is, no reference says so, and the two have different masks. */
export interface LooksLikeReference {
  table: string;
  code: "LOOKS_LIKE_REFERENCE";
  column: string;
  /** The key, as rules name it. */
  to: string;
  /** Names of the masks; null where the values stay. */
  mask: string | null;
  theirs: string | null;
}

/** Joins over such columns would find nothing in the copy. */
export function softRemarks(
  tables: readonly Classified[],
  { catalogue, links }: Schema,
  decisions: ReadonlyMap<string, Decision>,
): LooksLikeReference[] {
  const taken = tables.filter((each) => isTaken(each.class)).map(({ table }) => table);
  const names = new KeyNames({ tables: taken });
  const maskOf = (table: CatalogueTable, name: string) =>
    decisions.get(shownColumn(table, name))?.mask;
  const declared = new Set(
    links.flatMap(({ child, childColumns }) =>
      childColumns.map((name) => shownColumn(child, name)),
    ),
  );
  return taken.flatMap((table) =>
    table.columns.flatMap(({ name }): LooksLikeReference[] => {
      const decision = decisions.get(shownColumn(table, name));
      if (decision === undefined || decision.unmasked === "unclassified") return [];
      if (declared.has(shownColumn(table, name))) return [];
      const own = typeOf(table, name, catalogue);
      const exact = names
        .of(table, name)
        .filter(
          (key) => key.fit === "exact" && comparable(own, typeOf(key.table, key.column, catalogue)),
        );
      const isAlike = (key: { table: CatalogueTable; column: string }) =>
        JSON.stringify(decision.mask) === JSON.stringify(maskOf(key.table, key.column));
      const [key] = exact;
      if (key === undefined || exact.some(isAlike)) return [];
      return [
        {
          table: shownName(table),
          code: "LOOKS_LIKE_REFERENCE",
          column: name,
          to: shownColumn(key.table, key.column),
          mask: decision.mask?.mask ?? null,
          theirs: maskOf(key.table, key.column)?.mask ?? null,
        },
      ];
    }),
  );
}
