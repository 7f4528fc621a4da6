import type { CatalogueColumn, CatalogueTable } from "../model/catalogue.ts";
import { columnOf, type Link, linksAt } from "./links.ts";

export interface TableColumn {
  table: CatalogueTable;
  column: CatalogueColumn;
}

/** The column and all that references tie to it, on either side: what refers needs the mask of what it refers to. */
export function tiedColumns(start: TableColumn, links: readonly Link[]): TableColumn[] {
  const tied = [start];
  for (const { table, column } of tied) {
    for (const { child, childColumns, parent, parentColumns } of linksAt(links, table)) {
      const found = [
        ...(child === table ? other(childColumns, column.name, parent, parentColumns) : []),
        ...(parent === table ? other(parentColumns, column.name, child, childColumns) : []),
      ];
      for (const each of found) {
        if (!tied.some((known) => known.column === each.column)) tied.push(each);
      }
    }
  }
  return tied;
}

/** The column that references lead to in the end; itself where it refers to nothing. */
export function originOf(start: TableColumn, links: readonly Link[]): TableColumn {
  const seen: TableColumn[] = [];
  let at = start;
  while (!seen.some(({ column }) => column === at.column)) {
    seen.push(at);
    const { table, column } = at;
    const next = linksAt(links, table)
      .flatMap(({ child, childColumns, parent, parentColumns }) =>
        child === table ? other(childColumns, column.name, parent, parentColumns) : [],
      )
      .find((each) => !seen.some((known) => known.column === each.column));
    if (next === undefined) return at;
    at = next;
  }
  return at;
}

/** What stands on the other side of a reference. */
function other(
  own: readonly string[],
  name: string,
  table: CatalogueTable,
  theirs: readonly string[],
): TableColumn[] {
  const column = own.includes(name) ? columnOf(table, theirs[own.indexOf(name)] ?? "") : undefined;
  return column === undefined ? [] : [{ table, column }];
}
