import type { RefreshRules } from "../../config/project-config.ts";
import { partsOf } from "../../lib/format/name-lists.ts";
import { quoteIdentifier, quoteLiteral } from "../../postgres/quote.ts";
import type { Catalogue, CatalogueColumn, CatalogueTable, TableName } from "../model/catalogue.ts";
import { columnType, ofAnyLength } from "../model/column-type.ts";
import { nameOf, sameTable, shownName, shownPart } from "../model/names.ts";
import type { Problem, ProblemReason } from "../model/problem.ts";

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

export function linksOf(catalogue: Catalogue, rules: Pick<RefreshRules, "references">): Links {
  const found: Links = { catalogue, links: foreignKeys(catalogue), typed: [], problems: [] };
  for (const [name, reference] of Object.entries(rules.references)) {
    const problem = (reason: ProblemReason) =>
      found.problems.push({ kind: "rules", subject: `references: ${name}`, reason });
    const child = columnsNamed(catalogue, name);
    if ("problem" in child) {
      problem(child.problem);
      continue;
    }
    const targets =
      typeof reference.to === "string"
        ? [[undefined, reference.to] as const]
        : Object.entries(reference.to);
    const typeColumn = "type" in reference ? reference.type : undefined;
    if (typeColumn !== undefined) {
      if (!columnOf(child.table, typeColumn)) {
        problem({ code: "NO_COLUMN", table: shownName(child.table), column: typeColumn });
        continue;
      }
      const known = targets.map(([type]) => type ?? "");
      found.typed.push({ name, table: child.table, column: typeColumn, known });
    }
    for (const [type, to] of targets) {
      if (to === null) continue;
      const parent = columnsNamed(catalogue, to);
      if ("problem" in parent) problem(parent.problem);
      else if (!isKey(parent.table, parent.columns)) problem({ code: "NOT_A_KEY", columns: to });
      else if (parent.columns.length !== child.columns.length)
        problem({ code: "COLUMN_COUNT", columns: to });
      else {
        found.links.push({
          name,
          child: child.table,
          childColumns: child.columns,
          parent: parent.table,
          parentColumns: parent.columns,
          type:
            typeColumn === undefined || type === undefined
              ? undefined
              : {
                  column: typeColumn,
                  value: type,
                  complete: targets.every(([, to]) => to !== null),
                },
          match: "simple",
          declared: true,
          notNull: allNotNull(child.table, [
            ...child.columns,
            ...(typeColumn === undefined ? [] : [typeColumn]),
          ]),
        });
      }
    }
  }
  return found;
}

/** A partition's rows are read and written through the table above it, so that one stands for it as a parent. */
function foreignKeys(catalogue: Catalogue): Link[] {
  return catalogue.tables.flatMap((child) =>
    child.foreignKeys.flatMap((key) => {
      const parent = findTable(catalogue, key.references);
      if (!parent) return [];
      return [
        {
          name: key.name,
          child,
          childColumns: key.columns,
          parent: wholeTable(catalogue, parent),
          parentColumns: key.referencedColumns,
          type: undefined,
          match: key.match,
          declared: false,
          notNull: allNotNull(child, key.columns),
        },
      ];
    }),
  );
}

export const findTable = (
  { tables }: Pick<Catalogue, "tables">,
  name: TableName,
): CatalogueTable | undefined => tables.find((table) => sameTable(table, name));

export const columnOf = (table: CatalogueTable, name: string): CatalogueColumn | undefined =>
  table.columns.find((column) => column.name === name);

/** The partitioned table that a partition belongs to in the end; other tables are their own. */
function wholeTable(catalogue: Catalogue, table: CatalogueTable): CatalogueTable {
  const above = table.parent && findTable(catalogue, table.parent);
  return above ? wholeTable(catalogue, above) : table;
}

/** `users`, `audit.events`. */
export function tableNamed(catalogue: Catalogue, text: string): CatalogueTable | undefined {
  const [name = "", schema = "public"] = partsOf(text).map(nameOf).reverse();
  return findTable(catalogue, { schema, name });
}

function columnsNamed(
  catalogue: Catalogue,
  text: string,
): { table: CatalogueTable; columns: string[] } | { problem: ProblemReason } {
  const parts = partsOf(text);
  const named = parts.slice(0, -1).join(".");
  const table = tableNamed(catalogue, named);
  if (!table) return { problem: { code: "NO_TABLE", table: named } };
  const columns = partsOf(parts.at(-1) ?? "", ",").map((name) => nameOf(name.trim()));
  const missing = columns.find((name) => !columnOf(table, name));
  if (missing !== undefined)
    return { problem: { code: "NO_COLUMN", table: shownName(table), column: missing } };
  return { table: wholeTable(catalogue, table), columns };
}

export const isKey = (table: CatalogueTable, columns: string[]): boolean =>
  table.keys.some((key) => sameColumns(key.columns, columns));

export const sameColumns = (one: string[], other: string[]): boolean =>
  one.length === other.length && one.every((column) => other.includes(column));

const allNotNull = (table: CatalogueTable, columns: string[]): boolean =>
  columns.every((name) => columnOf(table, name)?.notNull);

/** The child's columns as values of the parent's types; only rows of the link's type are looked at. */
export function childKey(link: Link, alias: string, catalogue: Catalogue): string[] {
  return link.childColumns.map((name, at) => {
    const column = `${alias}.${quoteIdentifier(name)}`;
    const type = (table: CatalogueTable, of: string) =>
      columnType(columnOf(table, of)?.type ?? "", catalogue).base;
    const parentBase = type(link.parent, link.parentColumns[at] ?? "");
    if (type(link.child, name) === parentBase) return column;
    const parentType = ofAnyLength(parentBase);
    // Rows of another type may hold what cannot be cast, and a condition beside it may come too late.
    if (link.type)
      return `case when ${typeCondition(link, alias)} then ${column}::${parentType} end`;
    return `${column}::${parentType}`;
  });
}

export const typeCondition = ({ type }: Link, alias: string): string | undefined =>
  type && `${alias}.${quoteIdentifier(type.column)} = ${quoteLiteral(type.value)}`;

export const shownLink = (link: Link): string =>
  `${shownName(link.child)}.${link.childColumns.map(shownPart).join(",")}`;

/** Links that the column is a part of, on either side. */
export const partOfReference = (links: Link[], table: CatalogueTable, column: string): Link[] =>
  links.filter(
    (link) =>
      (link.child === table && link.childColumns.includes(column)) ||
      (link.parent === table && link.parentColumns.includes(column)),
  );
