import { partsOf } from "../../lib/format/name-lists.ts";
import { quoteIdentifier, quoteLiteral } from "../../postgres/quote.ts";
import type { Catalogue, CatalogueColumn, CatalogueTable, TableName } from "../model/catalogue.ts";
import { type ColumnType, columnType, ofAnyLength } from "../model/column-type.ts";
import { nameOf, shownName, shownPart, sqlName } from "../model/names.ts";
import type { Problem } from "../model/problem.ts";

/** A foreign key, or a reference that only the rules know of: columns of a child that name a parent's row. */
export interface Link {
  /** The constraint's name, or the columns as the rules name them. */
  name: string;
  child: CatalogueTable;
  childColumns: string[];
  parent: CatalogueTable;
  parentColumns: string[];
  /** The reference is meant only in rows with this value; `complete`: every other value has a link as well. */
  type: { column: string; value: string; complete: boolean } | undefined;
  match: "simple" | "full";
  declared: boolean;
  /** No column may be NULL. */
  notNull: boolean;
  /** Columns with a time that the parent's rows have to cover together: no row has to have the child's. */
  period?: { child: string; parent: string };
}

/** `files.owner_id` of the rules, with all the types that it may mean. */
export interface TypedReference {
  name: string;
  table: CatalogueTable;
  column: string;
  /** Values of the type column that the rules know, also those without a parent here. */
  known: string[];
}

/** A database's tables, and how they refer to each other. */
export interface Schema {
  catalogue: Catalogue;
  links: Link[];
}

export interface Links extends Schema {
  typed: TypedReference[];
  problems: Problem[];
}

const tablesByName = new WeakMap<readonly CatalogueTable[], Map<string, CatalogueTable>>();

export function findTable(
  { tables }: Pick<Catalogue, "tables">,
  name: TableName,
): CatalogueTable | undefined {
  const byName =
    tablesByName.get(tables) ?? new Map(tables.map((table) => [sqlName(table), table]));
  tablesByName.set(tables, byName);
  return byName.get(sqlName(name));
}

export const columnOf = (table: CatalogueTable, name: string): CatalogueColumn | undefined =>
  table.columns.find((column) => column.name === name);

/** The partitioned table that a partition belongs to in the end; other tables are their own. */
export function wholeTable(catalogue: Catalogue, table: CatalogueTable): CatalogueTable {
  const above = table.parent && findTable(catalogue, table.parent);
  return above ? wholeTable(catalogue, above) : table;
}

/** `users`, `audit.events`. */
export function tableNamed(catalogue: Catalogue, text: string): CatalogueTable | undefined {
  const [name = "", schema = "public"] = partsOf(text).map(nameOf).reverse();
  return findTable(catalogue, { schema, name });
}

/** The primary key, where it is one column. */
export const singleKey = (table: CatalogueTable): string | undefined => {
  const columns = table.keys.find(({ primary }) => primary)?.columns ?? [];
  return columns.length === 1 ? columns[0] : undefined;
};

export const isKey = (table: CatalogueTable, columns: string[]): boolean =>
  table.keys.some((key) => sameColumns(key.columns, columns));

export const sameColumns = (one: string[], other: string[]): boolean =>
  one.length === other.length && one.every((column) => other.includes(column));

export const allNotNull = (table: CatalogueTable, columns: string[]): boolean =>
  columns.every((name) => columnOf(table, name)?.notNull);

/**
 * The child's columns as values of the parent's types; only rows of the link's type are looked at. NULL where a
 * declared reference has a value that cannot be the parent's.
 */
export function childKey(link: Link, alias: string, catalogue: Catalogue): string[] {
  return link.childColumns.map((name, at) => {
    const column = `${alias}.${quoteIdentifier(name)}`;
    const type = (table: CatalogueTable, of: string) =>
      columnType(columnOf(table, of)?.type ?? "", catalogue);
    const own = type(link.child, name);
    const theirs = type(link.parent, link.parentColumns[at] ?? "");
    if (own.base === theirs.base) return column;
    const parentType = ofAnyLength(theirs.base);
    // Rows of another type may hold what cannot be cast, and a condition beside it may come too late.
    const conditions = [typeCondition(link, alias), link.declared && isOfType(column, own, theirs)];
    const when = conditions.filter((each) => each).join(" and ");
    return when === ""
      ? `${column}::${parentType}`
      : `case when ${when} then ${column}::${parentType} end`;
  });
}

/** The largest value that has to be told apart from larger ones, and the decimal digits that always fit. */
const integers: Record<string, { bytes: number; largest?: string; digits: number }> = {
  smallint: { bytes: 2, largest: "32767", digits: 4 },
  integer: { bytes: 4, largest: "2147483647", digits: 9 },
  bigint: { bytes: 8, digits: 18 },
};

/** Condition under which a cast cannot fail; undefined where it never does. */
function isOfType(column: string, own: ColumnType, theirs: ColumnType): string | undefined {
  if (own.array || theirs.array) return undefined;
  const integer = integers[theirs.base];
  const { bytes = 0 } = integers[own.base] ?? {};
  if (integer?.largest !== undefined && bytes > integer.bytes)
    return `${column} between -${integer.largest} and ${integer.largest}`;
  if (own.family !== "text") return undefined;
  if (theirs.family === "uuid")
    return `${column} ~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'`;
  return integer && `${column} ~ '^-?[0-9]{1,${integer.digits}}$'`;
}

export const typeCondition = ({ type }: Link, alias: string): string | undefined =>
  type && `${alias}.${quoteIdentifier(type.column)} = ${quoteLiteral(type.value)}`;

export const shownLink = (link: Link): string =>
  `${shownName(link.child)}.${link.childColumns.map(shownPart).join(",")}`;

const sides = new WeakMap<readonly Link[], Map<CatalogueTable, Link[]>>();

/** Links that the table is a side of, in their order. A list of links is never changed once it is made. */
export function linksAt(links: readonly Link[], table: CatalogueTable): readonly Link[] {
  const known = sides.get(links) ?? new Map<CatalogueTable, Link[]>();
  if (!sides.has(links)) {
    sides.set(links, known);
    for (const link of links) {
      for (const side of new Set([link.child, link.parent])) {
        if (known.get(side)?.push(link) === undefined) known.set(side, [link]);
      }
    }
  }
  return known.get(table) ?? [];
}

/** Links that the column is a part of, on either side. */
export const partOfReference = (
  links: readonly Link[],
  table: CatalogueTable,
  column: string,
): Link[] =>
  linksAt(links, table).filter(
    ({ child, childColumns, parent, parentColumns, period }) =>
      (child === table && (childColumns.includes(column) || period?.child === column)) ||
      (parent === table && (parentColumns.includes(column) || period?.parent === column)),
  );
