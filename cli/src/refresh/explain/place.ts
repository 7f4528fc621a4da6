import { partsOf } from "../../lib/format/name-lists.ts";
import type { Catalogue, CatalogueColumn, CatalogueTable } from "../model/catalogue.ts";
import { nameOf, shownColumn, shownName } from "../model/names.ts";
import { columnOf, findTable } from "../rules/links.ts";
import { nearNames } from "../rules/patterns/similar-names.ts";

/** A table, or a column of it. */
export interface Place {
  table: CatalogueTable;
  column: CatalogueColumn | undefined;
}

/** `similar`: names that are there. */
export type FoundPlace = Place | { unknown: "table" | "column"; similar: string[] };

const most = 3;

/** What a path such as `users`, `users.email`, `audit.events` or `audit.events.body` means. */
export function placeOf(path: string, catalogue: Catalogue): FoundPlace {
  const names = partsOf(path).map((part) => nameOf(part.trim()));
  const tableAt = (parts: string[]) => {
    const [name = "", schema = "public"] = parts.toReversed();
    return parts.length > 2 ? undefined : findTable(catalogue, { schema, name });
  };
  const owner = names.length > 1 ? tableAt(names.slice(0, -1)) : undefined;
  const column = owner && columnOf(owner, names.at(-1) ?? "");
  if (owner && column) return { table: owner, column };
  const table = tableAt(names);
  if (table) return { table, column: undefined };
  if (owner) {
    const near = nearNames(
      names.at(-1) ?? "",
      owner.columns.map(({ name }) => name),
    );
    return {
      unknown: "column",
      similar: near.slice(0, most).map((name) => shownColumn(owner, name)),
    };
  }
  const near = nearTables(names, catalogue);
  return { unknown: names.length > 1 ? "column" : "table", similar: near.slice(0, most) };
}

/** The whole path may be a table's, or all of it but the last name. */
function nearTables(names: string[], { tables }: Catalogue): string[] {
  const shown = tables.map(shownName);
  const whole = nearNames(names.join("."), shown);
  const last = names.at(-1) ?? "";
  const owners = nearNames(names.slice(0, -1).join("."), shown);
  const columns = tables
    .filter((table) => owners.includes(shownName(table)))
    .flatMap((table) =>
      nearNames(
        last,
        table.columns.map(({ name }) => name),
      ).map((name) => shownColumn(table, name)),
    );
  return [...whole, ...columns, ...(columns.length === 0 ? owners : [])];
}
