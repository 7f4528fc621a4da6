import type { RefreshRules } from "../../config/project-config.ts";
import { partsOf } from "../../lib/format/name-lists.ts";
import type { Catalogue, CatalogueForeignKey, CatalogueTable } from "../model/catalogue.ts";
import { nameOf, shownName } from "../model/names.ts";
import type { ProblemReason } from "../model/problem.ts";
import {
  allNotNull,
  columnOf,
  findTable,
  isKey,
  type Link,
  type Links,
  type Schema,
  sameColumns,
  singleKey,
  tableNamed,
  wholeTable,
} from "./links.ts";
import { tableRules } from "./table-rules.ts";

type LinkRules = Pick<RefreshRules, "references" | "tables" | "tenant">;

/** What the database itself knows of. */
export const foreignKeysOf = (catalogue: Catalogue): Schema => ({
  catalogue,
  links: foreignKeys(catalogue),
});

/** Foreign keys, and what the rules declare. */
export function linksOf(catalogue: Catalogue, rules: LinkRules): Links {
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
  found.links.push(...tenantLinks(catalogue, rules, found.links));
  return found;
}

/** A partition's rows are read and written through the table above it, so that one stands for it as a parent. */
function foreignKeys(catalogue: Catalogue): Link[] {
  return catalogue.tables.flatMap((child) =>
    child.foreignKeys.flatMap((key) => {
      const parent = findTable(catalogue, key.references);
      if (!parent) return [];
      const { columns, parentColumns, period } = withoutPeriod(key);
      return [
        {
          name: key.name,
          child,
          childColumns: columns,
          parent: wholeTable(catalogue, parent),
          parentColumns,
          type: undefined,
          match: key.match,
          declared: false,
          notNull: allNotNull(child, columns),
          ...(period && { period }),
        },
      ];
    }),
  );
}

/** Of a foreign key with `PERIOD`, the last column, all rows with the same other columns are the parent together. */
function withoutPeriod({ columns, referencedColumns, period }: CatalogueForeignKey) {
  if (!period) return { columns, parentColumns: referencedColumns };
  return {
    columns: columns.slice(0, -1),
    parentColumns: referencedColumns.slice(0, -1),
    period: { child: columns.at(-1) ?? "", parent: referencedColumns.at(-1) ?? "" },
  };
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

/** Tenant columns without a foreign key that a rule lists among the ways to the tenant. */
function tenantLinks(catalogue: Catalogue, rules: LinkRules, links: Link[]): Link[] {
  const parent = tableNamed(catalogue, rules.tenant.table);
  const key = parent && (rules.tenant.key ?? singleKey(parent));
  if (parent === undefined || key === undefined || !columnOf(parent, key)) return [];
  const tables = catalogue.tables.filter(({ kind }) => kind !== "partition");
  const ruleOf = tableRules(tables, rules, []);
  const names = [rules.tenant.column ?? []].flat();
  return tables.flatMap((child) => {
    const rule = ruleOf(child)?.rule;
    const vias = typeof rule === "object" && Array.isArray(rule.via) ? rule.via : [];
    const bare = vias.filter(
      (via) =>
        names.includes(via) &&
        columnOf(child, via) !== undefined &&
        !links.some((link) => link.child === child && sameColumns(link.childColumns, [via])),
    );
    return bare.map((column) => ({
      name: column,
      child,
      childColumns: [column],
      parent,
      parentColumns: [key],
      type: undefined,
      match: "simple" as const,
      declared: true,
      notNull: allNotNull(child, [column]),
    }));
  });
}
