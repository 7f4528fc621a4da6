import type { TenantRule } from "../../config/define/refresh.ts";
import type { RefreshRules } from "../../config/project-config.ts";
import { quoteIdentifier } from "../../postgres/quote.ts";
import type { Catalogue, CatalogueTable } from "../model/catalogue.ts";
import { columnType } from "../model/column-type.ts";
import { sameTable, shownName } from "../model/names.ts";
import type { Problem } from "../model/problem.ts";
import { derive, tableKey, waysOf } from "./derive.ts";
import { columnOf, isKey, type Link, sameColumns, tableNamed } from "./links.ts";
import { equalsTenant, type Owned } from "./ownership.ts";
import { mostExact, patternOf } from "./patterns.ts";
import { misspelledTenantColumns } from "./tenant-column.ts";

export type Classified = Owned | { class: "shared" | "reference" | "skip"; table: CatalogueTable };

export interface Classes {
  tables: Classified[];
  /** Column of the tenant table that identifies a tenant. */
  key: string;
  problems: Problem[];
}

/** Which tables hold the tenant's rows, and by what; those of which nobody said what they are become problems. */
export function classify(catalogue: Catalogue, rules: RefreshRules, links: Link[]): Classes {
  const problems: Problem[] = [];
  const root = tenantTable(catalogue, rules, problems);
  if (!root) return { tables: [], key: "", problems };
  const tables = catalogue.tables.filter(({ kind }) => kind !== "partition");
  const ruleOf = tableRules(tables, rules, problems);
  const fixed: Classified[] = [];
  const owned: Owned[] = [root.owned];
  const failed: CatalogueTable[] = [];
  const open: { table: CatalogueTable; rule: TenantRule | undefined; note: string | undefined }[] =
    [];

  const making: Making = { catalogue, rules, links, root: root.owned, key: root.key, problems };
  problems.push(...misspelledTenantColumns(catalogue.tables, rules));
  for (const table of tables) {
    const rule = ruleOf(table);
    if (sameTable(table, root.owned.table)) {
      if (rule !== undefined) {
        problems.push({
          kind: "rules",
          subject: `tables: ${shownName(table)}`,
          message: "is the tenant's own table, which needs no rule",
        });
      }
    } else if (rule === "shared" || rule === "reference" || rule === "skip") {
      fixed.push({ class: rule, table });
      if (rule === "reference") problems.push(...notForAll(table, making));
    } else {
      const detailed = rule === "tenant" ? {} : rule;
      const direct = ownedByItself(table, detailed, making);
      if (direct.owned) owned.push(direct.owned);
      else if (direct.failed) failed.push(table);
      else open.push({ table, rule: detailed, note: direct.note });
    }
  }
  derive(open, owned, links, catalogue, problems);
  const left = open.filter(({ table }) => !owned.some((each) => each.table === table));
  const unsaid = [...failed, ...left.map(({ table }) => table)];
  for (const { table, rule, note } of left) {
    problems.push(leftOver(table, rule, note, links, owned, unsaid));
  }
  return { tables: [...owned, ...fixed], key: root.key, problems };
}

function tenantTable(catalogue: Catalogue, { tenant }: RefreshRules, problems: Problem[]) {
  const fail = (message: string) => {
    problems.push({ kind: "rules", subject: "tenant", message });
    return undefined;
  };
  const table = tableNamed(catalogue, tenant.table);
  if (!table) return fail(`there is no table ${tenant.table}`);
  const primary = table.keys.find((key) => key.primary)?.columns;
  const key = tenant.key ?? (primary?.length === 1 ? primary[0] : undefined);
  if (key === undefined)
    return fail(`${tenant.table} has no primary key of one column: name its \`key\``);
  if (!columnOf(table, key)) return fail(`${tenant.table} has no column ${key}`);
  if (!isKey(table, [key])) return fail(`${tenant.table}.${key} is not unique`);
  const owned: Owned = {
    class: "root",
    key,
    table,
    path: [shownName(table)],
    condition: equalsTenant(table, key, catalogue),
    unowned: undefined,
    through: [],
  };
  return { owned, key };
}

function tableRules(tables: CatalogueTable[], rules: RefreshRules, problems: Problem[]) {
  const patterns = Object.entries(rules.tables).map(([text, rule]) =>
    patternOf(text, rule, "table"),
  );
  for (const { text, schema, table } of patterns) {
    if (tables.some((each) => schema.matches(each.schema) && table.matches(each.name))) continue;
    problems.push({ kind: "rules", subject: `tables: ${text}`, message: "there is no such table" });
  }
  return (table: CatalogueTable) => {
    const found = mostExact(patterns, table);
    const [first] = found;
    if (first && found.some(({ rule }) => JSON.stringify(rule) !== JSON.stringify(first.rule))) {
      const texts = found.map(({ text }) => text).join(" and ");
      problems.push({
        kind: "rules",
        subject: `tables: ${texts}`,
        message: `say different things of ${shownName(table)}: name it`,
      });
    }
    return first?.rule;
  };
}

interface Making {
  catalogue: Catalogue;
  rules: RefreshRules;
  links: Link[];
  root: Owned;
  key: string;
  problems: Problem[];
}

/** By its tenant column, or a condition of the rules. `failed`: the reason is among the problems. */
function ownedByItself(
  table: CatalogueTable,
  rule: TenantRule | undefined,
  making: Making,
): { owned?: Owned; note?: string; failed?: boolean } {
  const { catalogue, rules, root } = making;
  const path = [shownName(table), ...root.path];
  const base = { class: "direct" as const, table, path, unowned: undefined, through: [] };
  if (rule?.where !== undefined) {
    const where = rule.where.replaceAll("{tenant}", "current_setting('ds.tenant')");
    return {
      owned: {
        ...base,
        condition: (alias) => `(${alias === "t" ? where : renamed(where, alias)})`,
      },
    };
  }
  if (rule?.via !== undefined) return {};
  const names = rule?.column ?? rules.tenant.column ?? [];
  const column = [names].flat().find((name) => columnOf(table, name));
  const fail = (message: string, suggestion?: string) => {
    making.problems.push({
      kind: rule?.column === undefined ? "table" : "rules",
      subject: shownName(table),
      message,
      ...(suggestion ? { suggestion } : {}),
    });
    return { failed: true };
  };
  if (column === undefined) {
    return rule?.column === undefined ? {} : fail(`has no column ${rule.column}`);
  }
  const elsewhere = leadsElsewhere(table, column, making);
  if (elsewhere !== undefined)
    return rule?.column === undefined ? { note: elsewhere } : fail(elsewhere);
  const equals = equalsTenant(table, column, catalogue);
  const through = making.links.filter(
    ({ child, childColumns, parent }) =>
      child === table && parent === root.table && sameColumns(childColumns, [column]),
  );
  if (columnOf(table, column)?.notNull) return { owned: { ...base, condition: equals, through } };
  const none = (alias: string) => `${alias}.${quoteIdentifier(column)} is null`;
  switch (rule?.nullTenant) {
    case undefined:
      return fail(
        `${column} may be NULL: say what becomes of rows that belong to no organization`,
        `tables: { ${tableKey(table)}: { nullTenant: "skip" } }  // or "shared", "all"`,
      );
    case "skip":
      return { owned: { ...base, condition: equals, through } };
    case "shared":
      return { owned: { ...base, condition: equals, unowned: none, through } };
    case "all":
      return {
        owned: { ...base, condition: (alias) => `(${equals(alias)} or ${none(alias)})`, through },
      };
  }
}

/** A table of which every row would be copied, though its rows say whose they are. */
function notForAll(table: CatalogueTable, making: Making): Problem[] {
  const names = [making.rules.tenant.column ?? []].flat();
  const column = names.find((name) => columnOf(table, name));
  if (column === undefined || leadsElsewhere(table, column, making) !== undefined) return [];
  return [
    {
      kind: "table",
      subject: shownName(table),
      message: `is said to be the same for everybody, and its ${column} says whose a row is`,
      suggestion: `tables: { ${tableKey(table)}: "tenant" }  // or { where: "true" }, which takes everybody's rows`,
    },
  ];
}

/** A column with the tenant column's name that means something else. */
function leadsElsewhere(
  table: CatalogueTable,
  column: string,
  { links, root, key, catalogue }: Making,
): string | undefined {
  const other = links.find(
    ({ child, childColumns, parent, parentColumns }) =>
      child === table &&
      sameColumns(childColumns, [column]) &&
      !(parent === root.table && sameColumns(parentColumns, [key])),
  );
  if (other)
    return `its ${column} refers to ${shownName(other.parent)}, not to ${shownName(root.table)}.${key}`;
  const type = (of: CatalogueTable, name: string) =>
    columnType(columnOf(of, name)?.type ?? "", catalogue);
  const own = type(table, column);
  const tenant = type(root.table, key);
  const comparable =
    !own.array &&
    (own.base === tenant.base ||
      (own.family === tenant.family && ["integer", "text"].includes(own.family)));
  return comparable
    ? undefined
    : `its ${column} is ${own.base}${own.array ? "[]" : ""}, and ${shownName(root.table)}.${key} is ${tenant.base}`;
}

function leftOver(
  table: CatalogueTable,
  rule: TenantRule | undefined,
  note: string | undefined,
  links: Link[],
  owned: Owned[],
  unsaid: CatalogueTable[],
): Problem {
  const subject = shownName(table);
  if (rule?.via !== undefined) {
    const ways = waysOf(table, rule, links);
    const leads = [...new Set(ways.flat().map(({ parent }) => shownName(parent)))].join(", ");
    return {
      kind: "rules",
      subject: `tables: ${subject}`,
      message:
        ways.length === 0
          ? `via ${JSON.stringify(rule.via)} is no reference of ${subject}`
          : `via ${JSON.stringify(rule.via)} leads to ${leads}, which is not the organization's`,
    };
  }
  const nullable = links.find(
    ({ child, parent, notNull }) =>
      child === table && !notNull && owned.some((each) => each.table === parent),
  );
  const waiting = links.find(
    ({ child, parent, notNull }) =>
      child === table && parent !== table && notNull && unsaid.includes(parent),
  );
  if (waiting && !nullable && note === undefined) {
    const message = `belongs to ${shownName(waiting.parent)}, of which nobody has said what it is`;
    return { kind: "table", subject, message };
  }
  const because =
    note ??
    (nullable
      ? `only ${nullable.childColumns.join(",")} leads to an organization, and may be NULL`
      : "no column and no foreign key leads to an organization");
  return {
    kind: "table",
    subject,
    message: because,
    suggestion: nullable
      ? `tables: { ${tableKey(table)}: { via: "${nullable.childColumns.join(",")}", nullTenant: "skip" } }`
      : `tables: { ${tableKey(table)}: "shared" }  // or "reference", "skip"`,
  };
}

/** A condition that somebody wrote for the row `t`, for another alias. */
function renamed(where: string, alias: string): string {
  return where.replace(/'(?:[^']|'')*'|\bt\./g, (found) => (found === "t." ? `${alias}.` : found));
}
