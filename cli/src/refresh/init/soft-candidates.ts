import type { RefreshRules } from "../../config/project-config.ts";
import type { CatalogueColumn, CatalogueTable } from "../model/catalogue.ts";
import { shownColumn } from "../model/names.ts";
import { idOfType } from "../model/pairs.ts";
import { isLedger } from "../rules/ledgers.ts";
import { allNotNull, columnOf, type Link, type Schema } from "../rules/links.ts";
import {
  comparable,
  isIdName,
  KeyNames,
  keyColumns,
  type NameFit,
  typeOf,
} from "../samples/key-names.ts";

/** A reference that no foreign key declares, as far as names and types tell. */
export interface SoftCandidate {
  link: Link;
  /** Undefined: only the values can tell. */
  fit: NameFit | undefined;
}

/** At most so many pairs are compared by their values alone. */
const mostUnnamed = 3_000;

/**
 * Columns that may refer to a key of another table: those whose names say so, and of the others those that look
 * like keys and are of no type that fits everything.
 */
export function softCandidates(
  { catalogue, links }: Schema,
  { tenant }: Pick<RefreshRules, "tenant">,
): { candidates: SoftCandidate[]; left: number } {
  const tables = catalogue.tables.filter(isRead);
  const keys = tables.flatMap((table) =>
    keyColumns(table).map((column) => ({ table, column, type: typeOf(table, column, catalogue) })),
  );
  const referring = new Set(
    links.flatMap(({ child, childColumns }) => childColumns.map((name) => columnOf(child, name))),
  );
  const names = new KeyNames({ tables });
  const tenants = [tenant.column ?? []].flat();
  const named: SoftCandidate[] = [];
  const unnamed: SoftCandidate[] = [];
  for (const table of tables) {
    for (const column of table.columns) {
      const own = typeOf(table, column.name, catalogue);
      if (!mayRefer(table, column) || tenants.includes(column.name)) continue;
      if (referring.has(column)) continue;
      const fits = (key: { table: CatalogueTable; column: string }) =>
        comparable(own, typeOf(key.table, key.column, catalogue));
      const found = names.of(table, column.name).filter(fits);
      named.push(...found.map((key) => ({ link: linkTo(table, column, key), fit: key.fit })));
      const isKey = keyColumns(table).includes(column.name);
      if (found.some(({ fit }) => fit === "exact") || isKey || !isIdName(column.name)) continue;
      const same = keys.filter(
        (key) =>
          own.family !== "integer" &&
          own.family === key.type.family &&
          key.table.estimatedRows !== 0 &&
          !found.some((each) => each.table === key.table && each.column === key.column),
      );
      unnamed.push(...same.map((key) => ({ link: linkTo(table, column, key), fit: undefined })));
    }
  }
  const compared = unnamed.slice(0, mostUnnamed);
  return { candidates: [...named, ...compared], left: unnamed.length - compared.length };
}

const isRead = (table: CatalogueTable): boolean =>
  table.kind !== "partition" && table.readable && !table.rowSecurity.active && !isLedger(table);

/** A pair of a type and an id means one table for each type. */
const mayRefer = ({ columns }: CatalogueTable, { name, generated }: CatalogueColumn): boolean =>
  !generated && !columns.some((other) => idOfType(other.name) === name);

const linkTo = (
  child: CatalogueTable,
  { name }: CatalogueColumn,
  key: { table: CatalogueTable; column: string },
): Link => ({
  name: shownColumn(child, name),
  child,
  childColumns: [name],
  parent: key.table,
  parentColumns: [key.column],
  type: undefined,
  match: "simple",
  declared: true,
  notNull: allNotNull(child, [name]),
});
