import type { TableRule } from "../../config/define/refresh.ts";
import type { RefreshRules } from "../../config/project-config.ts";
import { looksLikePii } from "../masks/sensitive.ts";
import type { Shape } from "../masks/suggest.ts";
import type { Catalogue, CatalogueTable } from "../model/catalogue.ts";
import { columnType } from "../model/column-type.ts";
import { shownColumn, shownName } from "../model/names.ts";
import type { Problem, ProblemReason } from "../model/problem.ts";
import { advisedMask, idOfType } from "./advised-mask.ts";
import { classifyColumns } from "./classify-columns.ts";
import { classify } from "./classify-tables.ts";
import { type Link, linksOf, partOfReference, type Schema } from "./links.ts";
import type { Classified } from "./ownership.ts";
import { tenantColumns } from "./tenant-column.ts";

/** A first set of rules, to be looked through by a person. */
export interface Proposal {
  tenant: { table: string; key: string | undefined; column: string | undefined };
  tables: Record<string, TableRule>;
  /** Code of the mask by column. */
  columns: Record<string, string>;
  /** Pairs of a type and an id without a foreign key, by the column of the id. */
  pairs: Record<string, string>;
}

/** What values of a column look like, where somebody has sampled them. */
export type Shapes = Record<string, Shape>;

/** From names, types and foreign keys; undefined where no table looks like that of the organizations. */
export function propose(catalogue: Catalogue, shapes: Shapes = {}): Proposal | undefined {
  const schema: Schema = linksOf(catalogue, { references: {} });
  const { links } = schema;
  const tenant = guessTenant(catalogue, links);
  if (!tenant) return undefined;
  const rules: RefreshRules = {
    from: "",
    tenant: {
      table: shownName(tenant.table),
      demo: "",
      ...(tenant.column === undefined ? {} : { column: tenant.column }),
    },
    tables: {},
    columns: {},
    references: {},
    crossTenant: "fail",
    maskKey: "",
  };
  const tables = settleTables(schema, rules);
  const problems: Problem[] = [];
  const key = primaryKey(tenant.table);
  classifyColumns(rules, {
    schema,
    target: catalogue,
    tables,
    tenantColumns: tenantColumns(tables, rules, key ?? "", links),
    typeColumns: new Set(),
    problems,
  });
  const columns: Proposal["columns"] = {};
  for (const { subject, kind } of problems) {
    if (kind === "column") columns[subject] = maskCode(schema, subject, shapes);
  }
  // Of all names this one is surely none of a person.
  const name = shownColumn(tenant.table, "name");
  if (/^mask\.(text|name)\(\)$/.test(columns[name] ?? ""))
    columns[name] = 'mask.name({ part: "company" })';
  return {
    tenant: { table: rules.tenant.table, key, column: tenant.column },
    tables: rules.tables,
    columns,
    pairs: typedPairs(tables, links),
  };
}

const tenantNames =
  /^(organi[sz]ations?|orgs?|tenants?|workspaces?|accounts?|companies|company|teams?|customers?|clients?|spaces?|sites?|merchants?|stores?|shops?)$/;

/** The table of that name which most others refer to, and the column by which most of them do. */
function guessTenant(catalogue: Catalogue, links: Link[]) {
  const candidates = catalogue.tables
    .filter((table) => table.kind !== "partition" && tenantNames.test(baseName(table)))
    .map((table) => {
      const names = links
        .filter(
          ({ parent, child, childColumns }) =>
            parent === table && child !== table && childColumns.length === 1,
        )
        .map(({ childColumns: [name] }) => name ?? "");
      const having = (column: string) =>
        catalogue.tables.filter(
          (other) => other !== table && other.columns.some(({ name }) => name === column),
        ).length;
      const column = [`${singular(baseName(table))}_id`, ...names].reduce((best, next) =>
        having(next) > having(best) ? next : best,
      );
      const count = having(column);
      return { table, column: count > 0 ? column : undefined, weight: count + names.length };
    });
  const best = candidates.reduce<(typeof candidates)[number] | undefined>(
    (first, next) => (first === undefined || next.weight > first.weight ? next : first),
    undefined,
  );
  return best && best.weight > 0 ? best : undefined;
}

/** Gives tables that are left over a rule, those first that others wait for, until none is left. */
function settleTables(schema: Schema, rules: RefreshRules): Classified[] {
  for (;;) {
    const { tables, problems } = classify(schema, rules);
    const open = problems.filter(({ kind }) => kind === "table");
    const nullable = open.filter(({ reason }) => mayBeNull(reason));
    const alone = open.filter(({ reason }) => reason.code !== "PARENT_UNDECIDED");
    const [settled] = [nullable, alone, open.slice(0, 1)].filter(({ length }) => length > 0);
    if (!settled) return tables;
    for (const { subject, reason } of settled) {
      const table = schema.catalogue.tables.find((each) => shownName(each) === subject);
      if (!table) continue;
      const said = rules.tables[subject] !== undefined;
      rules.tables[subject] = said ? "skip" : ruleFor(table, reason, schema, tables);
    }
  }
}

const mayBeNull = ({ code }: ProblemReason): boolean =>
  code === "TENANT_MAY_BE_NULL" || code === "ONLY_NULLABLE_PATH";

function ruleFor(
  table: CatalogueTable,
  reason: ProblemReason,
  { catalogue, links }: Schema,
  known: Classified[],
): TableRule {
  const referred = links.some(({ parent, child }) => parent === table && child !== table);
  const personal = table.columns.some(({ name, type }) =>
    looksLikePii(name, columnType(type, catalogue)),
  );
  // People, even those who remember where they were last.
  const only = reason.code === "ONLY_NULLABLE_PATH";
  const people = referred && personal && only;
  if (mayBeNull(reason) && !people) {
    const link = links.find(
      ({ child, parent, notNull }) =>
        child === table &&
        !notNull &&
        known.some((each) => each.table === parent && "through" in each),
    );
    const nullTenant = referred ? "shared" : "skip";
    return link && only ? { via: link.childColumns.join(","), nullTenant } : { nullTenant };
  }
  if (!referred) return "skip";
  const leadsOn = links.some(({ child, parent }) => child === table && parent !== table);
  return personal || leadsOn || table.estimatedRows > 1000 ? "shared" : "reference";
}

function maskCode(schema: Schema, subject: string, shapes: Shapes): string {
  for (const table of schema.catalogue.tables) {
    const column = table.columns.find(({ name }) => shownColumn(table, name) === subject);
    if (column) return advisedMask(table, column, schema, shapes[subject]);
  }
  return "mask.null()";
}

/** `owner_type` beside `owner_id`, and no foreign key. */
function typedPairs(tables: Classified[], links: Link[]): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const { table } of tables) {
    for (const { name } of table.columns) {
      const id = idOfType(name);
      if (id === undefined || !table.columns.some((each) => each.name === id)) continue;
      if (partOfReference(links, table, id).length > 0) continue;
      pairs[shownColumn(table, id)] = name;
    }
  }
  return pairs;
}

const baseName = ({ name }: CatalogueTable): string => name.toLowerCase();

const singular = (name: string): string => name.replace(/ies$/, "y").replace(/s$/, "");

const primaryKey = (table: CatalogueTable): string | undefined => {
  const columns = table.keys.find(({ primary }) => primary)?.columns ?? [];
  return columns.length === 1 ? columns[0] : undefined;
};
