import type { Fit } from "../masks/misfit.ts";
import type { Catalogue, CatalogueKey, CatalogueTable } from "../model/catalogue.ts";
import { columnType } from "../model/column-type.ts";
import { columnOf, findTable } from "./links.ts";

/** Keys in which values of a column have to stay different, alone or together with others. */
const keysWith = ({ keys, partialKeys }: CatalogueTable, name: string): CatalogueKey[] =>
  [...keys, ...partialKeys].filter(({ columns }) => columns.includes(name));

/** What a mask of the column has to fit: production's column, and the one that it is loaded into. */
export function columnFit(
  table: CatalogueTable,
  name: string,
  source: Catalogue,
  target: Catalogue,
): Fit {
  const there = findTable(target, table);
  const own = columnOf(table, name);
  const loaded = there && columnOf(there, name);
  const written = loaded?.type ?? own?.type ?? "text";
  const catalogue = loaded ? target : source;
  const type = columnType(written, catalogue);
  const keys = [table, there].flatMap((side) => (side ? keysWith(side, name) : []));
  return {
    target: written,
    type,
    notNull: (loaded ?? own)?.notNull ?? false,
    unique: keys.length > 0,
    uniqueWhole: [table, there].some((side) =>
      side?.keys.some(({ columns }) => columns.includes(name)),
    ),
    oneNull: keys.some(({ nullsNotDistinct }) => nullsNotDistinct),
    labels: catalogue.enums[type.base] ?? (loaded ?? own)?.allowed,
  };
}
