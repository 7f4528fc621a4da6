import type { Mask } from "../../config/define/masks.ts";
import type { RefreshRules } from "../../config/project-config.ts";
import { fitsFamily } from "../masks/masks.ts";
import { isWordless, looksLikePii } from "../masks/sensitive.ts";
import { type Shape, suggestedMask } from "../masks/suggest.ts";
import type { Catalogue, CatalogueColumn, CatalogueTable } from "../model/catalogue.ts";
import { type ColumnType, columnType } from "../model/column-type.ts";
import { keyText, shownColumn, shownName, shownPart } from "../model/names.ts";
import type { Unmasked } from "../model/plan.ts";
import type { Problem } from "../model/problem.ts";
import type { Classified } from "./classify-tables.ts";
import { type Link, partOfReference } from "./links.ts";
import { fits, mostExact, type Pattern, patternOf } from "./patterns.ts";
import { isComputed } from "./type-fit.ts";

/** What becomes of a column that is copied, and why. */
export interface Decision {
  mask: Mask | undefined;
  /** Where it is not masked. */
  unmasked: Unmasked | undefined;
  /** The rule that decided; of a column that passes the one for all tables that was not meant for it. */
  rule: string | undefined;
}

interface Making {
  catalogue: Catalogue;
  /** Of main as it is migrated. */
  target: Catalogue;
  tables: Classified[];
  links: Link[];
  /** Columns by which rows are chosen. */
  tenantColumns: Set<string>;
  /** Type columns of declared references. */
  typeColumns: Set<string>;
  problems: Problem[];
}

/** Decides on every column that is copied; one of which nobody has said what it is, is a problem. */
export function classifyColumns({ columns }: RefreshRules, making: Making): Map<string, Decision> {
  const patterns = Object.entries(columns).map(([text, mask]) => patternOf(text, mask, "column"));
  reportIdle(patterns, making);
  const decisions = new Map<string, Decision>();
  for (const { class: tableClass, table } of making.tables) {
    if (tableClass === "skip") continue;
    for (const column of table.columns) {
      if (isComputed(table, column, making.target)) continue;
      const decision = decide(patterns, table, column, tableClass, making);
      decisions.set(shownColumn(table, column.name), decision);
    }
  }
  sameOnBothSides(decisions, making);
  return decisions;
}

function decide(
  patterns: Pattern<Mask>[],
  table: CatalogueTable,
  column: CatalogueColumn,
  tableClass: Classified["class"],
  making: Making,
): Decision {
  const subject = shownColumn(table, column.name);
  const type = columnType(column.type, making.catalogue);
  const needed = requiresClassification(table, column, type, tableClass, making);
  const leading = isLeading(table, column, making);
  const usable = needed
    ? patterns
    : patterns.filter((pattern) => meansUnneeded(pattern, type, leading));
  const found = mostExact(usable, table, column.name);
  const [first] = found;
  if (!first) {
    if (needed) {
      making.problems.push({
        kind: "column",
        subject,
        message: `${column.type}: nobody has said whether it is personal`,
        suggestion: `${keyText(subject)}: ${advisedMask(table, column, making)},`,
      });
      return { mask: undefined, unmasked: "unclassified", rule: undefined };
    }
    if (leading) return { mask: undefined, unmasked: "key", rule: undefined };
    const [passedOver] = mostExact(patterns.filter(isOfAllColumns), table, column.name);
    return { mask: undefined, unmasked: "passes", rule: passedOver?.text };
  }
  if (found.some(({ rule }) => JSON.stringify(rule) !== JSON.stringify(first.rule))) {
    const texts = found.map(({ text }) => text).join(" and ");
    making.problems.push({
      kind: "rules",
      subject: `columns: ${texts}`,
      message: `say different things of ${subject}: name it`,
    });
  }
  if (first.rule.mask === "keep") return { mask: undefined, unmasked: "keep", rule: first.text };
  if (making.tenantColumns.has(subject)) {
    if (first.column?.exact) {
      making.problems.push({
        kind: "rules",
        subject: `columns: ${first.text}`,
        message: `${subject} says whose a row is, and cannot be masked`,
      });
    }
    return { mask: undefined, unmasked: "key", rule: undefined };
  }
  return { mask: first.rule, unmasked: undefined, rule: first.text };
}

const isOfAllColumns = ({ column }: Pattern<Mask>): boolean => column?.text === "*";

/** Whether a rule means a column of which nobody needs to say anything. */
function meansUnneeded(pattern: Pattern<Mask>, type: ColumnType, leading: boolean): boolean {
  const { column: named, table: of, rule } = pattern;
  // `users.*` is every column that a mask can be put on; `*.*` is meant for those that need one.
  if (isOfAllColumns(pattern)) return of.text !== "*" && !leading;
  // One for many does not mean those that it cannot fit, such as `*.email*` the boolean `email_verified`.
  return (named?.exact && of.exact) || fitsFamily(rule, type);
}

/** Columns by which rows are found, or find others: keys, references, the organization, types of pairs. */
function isLeading(
  table: CatalogueTable,
  { name }: CatalogueColumn,
  { links, tenantColumns, typeColumns }: Making,
): boolean {
  const subject = shownColumn(table, name);
  return (
    tenantColumns.has(subject) || typeColumns.has(subject) || isKeyOrReference(links, table, name)
  );
}

const isKeyOrReference = (links: Link[], table: CatalogueTable, name: string): boolean =>
  table.keys.some(({ primary, columns }) => primary && columns.includes(name)) ||
  partOfReference(links, table, name).length > 0;

/** Whether somebody has to have said something of the column. */
function requiresClassification(
  table: CatalogueTable,
  column: CatalogueColumn,
  type: ColumnType,
  tableClass: Classified["class"],
  { links, tenantColumns, typeColumns }: Making,
): boolean {
  const subject = shownColumn(table, column.name);
  if (tenantColumns.has(subject) || typeColumns.has(subject)) return false;
  if (type.family === "boolean") return false;
  const personal = looksLikePii(column.name, type);
  const key = isKeyOrReference(links, table, column.name);
  if (key && isWordless(type)) return false;
  if (key || tableClass === "reference" || isWordless(type)) return personal;
  return true;
}

/** Code of the mask that a column most probably needs; what it refers to needs the same one, or none. */
export function advisedMask(
  table: CatalogueTable,
  column: CatalogueColumn,
  { catalogue, links }: Pick<Making, "catalogue" | "links">,
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

function reportIdle(patterns: Pattern<Mask>[], { catalogue, problems }: Making): void {
  const tables = catalogue.tables.filter(({ kind }) => kind !== "partition");
  for (const pattern of patterns) {
    const problem = (message: string) =>
      problems.push({ kind: "rules", subject: `columns: ${pattern.text}`, message });
    const meant = tables.filter((table) => fits(pattern, table));
    if (meant.length === 0) problem("there is no such table");
    else if (
      !meant.some((table) => table.columns.some(({ name }) => pattern.column?.matches(name)))
    ) {
      problem(
        meant.length === 1 && meant[0]
          ? `${shownName(meant[0])} has no such column`
          : "there is no such column",
      );
    }
    if (pattern.rule.mask === "keep" && pattern.column?.text === "*") {
      problem("would keep columns that nobody has seen yet: name them");
    }
  }
}

/** A reference still leads where it led only if both sides are masked alike. */
function sameOnBothSides(
  decisions: Map<string, Decision>,
  { links, problems, tables }: Making,
): void {
  const copied = (table: CatalogueTable) =>
    tables.some((each) => each.table === table && each.class !== "skip");
  for (const { child, childColumns, parent, parentColumns } of links) {
    if (!copied(child) || !copied(parent)) continue;
    childColumns.forEach((name, at) => {
      const sides = [
        shownColumn(child, name),
        shownColumn(parent, parentColumns[at] ?? ""),
      ] as const;
      const [own, theirs] = sides.map((side) => {
        const mask = decisions.get(side)?.mask;
        return mask === undefined ? "nothing" : JSON.stringify(mask);
      });
      if (own === theirs) return;
      problems.push({
        kind: "rules",
        subject: `columns: ${sides[0]}`,
        message: `refers to ${sides[1]}, and the two are not masked alike`,
      });
    });
  }
}

/** Columns that say whose a row is: they are looked at on both sides, so they stay as they are. */
export function tenantColumns(
  tables: Classified[],
  rules: RefreshRules,
  key: string,
  links: Link[],
): Set<string> {
  const names = [rules.tenant.column ?? []].flat();
  const root = tables.find((each) => each.class === "root")?.table;
  const found = new Set<string>();
  for (const classified of tables) {
    const { table } = classified;
    if (table === root) found.add(shownColumn(table, key));
    if (classified.class !== "direct") continue;
    for (const { name } of table.columns) {
      if (names.includes(name)) found.add(shownColumn(table, name));
    }
  }
  for (const { child, childColumns, parent, parentColumns } of links) {
    if (parent !== root) continue;
    parentColumns.forEach((column, at) => {
      if (column === key) found.add(shownColumn(child, childColumns[at] ?? ""));
    });
  }
  for (const [name, rule] of Object.entries(rules.tables)) {
    if (typeof rule === "object" && rule.column !== undefined)
      found.add(`${name}.${shownPart(rule.column)}`);
  }
  return found;
}
