import { looksLikePii } from "../masks/sensitive.ts";
import { type Shape, suggestedMask } from "../masks/suggest.ts";
import type { CatalogueColumn, CatalogueTable } from "../model/catalogue.ts";
import { columnType } from "../model/column-type.ts";
import type { Schema } from "./links.ts";

/** Code of the mask that a column most probably needs; what it refers to needs the same one, or none. */
export function advisedMask(
  table: CatalogueTable,
  column: CatalogueColumn,
  { catalogue, links }: Schema,
  shape?: Shape,
): string {
  const link = links.find(
    ({ child, parent, childColumns }) =>
      child === table && parent !== table && childColumns.includes(column.name),
  );
  const referred = link?.parentColumns[link.childColumns.indexOf(column.name)];
  const theirs = link?.parent.columns.find(({ name }) => name === referred);
  if (link && theirs) {
    const personal = looksLikePii(theirs.name, columnType(theirs.type, catalogue));
    return personal ? advisedMask(link.parent, theirs, { catalogue, links }) : "mask.keep()";
  }
  return suggestedMask(column.name, columnType(column.type, catalogue), {
    unique: [...table.keys, ...table.partialKeys].some(({ columns }) =>
      columns.includes(column.name),
    ),
    notNull: column.notNull,
    shape,
  });
}
