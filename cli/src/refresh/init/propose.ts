import type { TableRule, TenantConfig } from "../../config/define/refresh.ts";
import type { RefreshRules } from "../../config/project-config.ts";
import { maskCode } from "../masks/mask-code.ts";
import type { Catalogue } from "../model/catalogue.ts";
import { columnType } from "../model/column-type.ts";
import { shownColumn } from "../model/names.ts";
import type { Observed } from "../model/observed.ts";
import { idBeside } from "../model/pairs.ts";
import type { Problem } from "../model/problem.ts";
import { advisedMasks } from "../rules/advised-mask.ts";
import { classifyColumns } from "../rules/classify-columns.ts";
import { isLeading } from "../rules/column-needs.ts";
import { type Link, partOfReference, type Schema, singleKey, tableNamed } from "../rules/links.ts";
import { foreignKeysOf } from "../rules/links-of.ts";
import type { Classified } from "../rules/ownership.ts";
import { tenantColumns } from "../rules/tenant.ts";
import { type KnownRows, proposeTables } from "./propose-tables.ts";
import { shortRules } from "./short-rules.ts";
import type { SoftReferences } from "./soft-references.ts";
import { guessTenant, rulesFor, tenantCandidate } from "./tenant-candidates.ts";

/** A first set of rules, to be looked through by a person. */
export interface Proposal {
  tenant: {
    table: string;
    key: string | undefined;
    /** It is not simply the primary key. */
    keyIsSaid?: boolean;
    column: string | string[] | undefined;
    demo?: string;
  };
  tables: Record<string, TableRule>;
  /** Without a foreign key, and what becomes of those that lead to another organization. */
  soft: SoftReferences;
  /** Code of the mask by column. */
  columns: Record<string, string>;
  /** The same in fewer rules: names and patterns by code. */
  columnRules: Map<string, string[]>;
  /** Types of columns that no mask fits, by column: a person has to look at them. */
  unfit: Record<string, string>;
  /** Pairs of a type and an id without a foreign key, by the column of the id. */
  pairs: Record<string, string>;
}

/** Whose the rows are, as somebody has said it already. */
export type SaidTenant = Pick<TenantConfig, "table"> & Partial<TenantConfig>;

/** Tables with their classes: what values there are to look at before anything is said of columns. */
export interface Draft {
  schema: Schema;
  rules: RefreshRules;
  tenant: Proposal["tenant"];
  soft: SoftReferences;
  tables: Classified[];
}

export const nothingKnown: KnownRows = {
  migrated: new Map(),
  source: new Map(),
  soft: { references: {}, crossTenant: {} },
};

/** From names, types and foreign keys; undefined where no table looks like that of the organizations. */
export function draftTables(
  catalogue: Catalogue,
  known: KnownRows = nothingKnown,
  said?: SaidTenant,
): Draft | undefined {
  const declared = foreignKeysOf(catalogue);
  const named = said && tableNamed(catalogue, said.table);
  const found = named ? tenantCandidate(declared, named) : said ? undefined : guessTenant(declared);
  if (!found) return undefined;
  const key = said?.key ?? singleKey(found.table);
  const column = said?.column ?? (found.spellings.length > 1 ? found.spellings : found.column);
  const { soft } = known;
  const rules = { ...rulesFor(found.table, column, key), ...soft };
  const { schema, tables } = proposeTables(catalogue, rules, known);
  const keyIsSaid = key === singleKey(found.table) ? {} : { keyIsSaid: true };
  const demo = said?.demo === undefined ? {} : { demo: said.demo };
  return {
    schema,
    rules,
    tenant: { table: rules.tenant.table, key, column, ...keyIsSaid, ...demo },
    soft,
    tables,
  };
}

/** @param observed what values look like, where somebody has sampled them */
export function proposeColumns(draft: Draft, observed: Observed = {}): Proposal {
  const { schema, rules, tenant, tables, soft } = draft;
  const { catalogue, links } = schema;
  const problems: Problem[] = [];
  const ground = {
    schema,
    target: catalogue,
    tables,
    tenantColumns: tenantColumns(tables, rules, tenant.key ?? "", links),
    typeColumns: new Set<string>(),
    problems,
    observed,
    withoutSuggestions: true as const,
  };
  const copied = classifyColumns(rules, ground);
  const columns: Proposal["columns"] = {};
  const unfit: Proposal["unfit"] = {};
  const open = new Set(
    problems.filter(({ kind }) => kind === "column").map(({ subject }) => subject),
  );
  for (const { table } of tables) {
    for (const column of table.columns) {
      const subject = shownColumn(table, column.name);
      if (!open.has(subject)) continue;
      const [first] = advisedMasks(table, column, { schema, observed });
      if (first === undefined) unfit[subject] = column.type;
      else columns[subject] = maskCode(first);
    }
  }
  // Of all names this one is surely none of a person.
  const root = tables.find((each) => each.class === "root")?.table;
  const name = root === undefined ? "" : shownColumn(root, "name");
  if (/^mask\.(text|name)\(\)$/.test(columns[name] ?? "")) {
    columns[name] = 'mask.name({ part: "company" })';
  }
  maskBothSides(columns, links, tables);
  keepMains(columns, links, tables);
  const copiedColumns = tables.flatMap(({ table }) =>
    table.columns.map((column) => {
      const subject = shownColumn(table, column.name);
      const code = columns[subject] ?? (unfit[subject] === undefined ? undefined : "unfit");
      const leading = isLeading(table, column, ground);
      const type = columnType(column.type, catalogue);
      return { subject, name: column.name, type, leading, code };
    }),
  );
  const columnRules = shortRules(copiedColumns.filter(({ subject }) => copied.has(subject)));
  return {
    tenant,
    tables: rules.tables,
    soft,
    columns,
    columnRules,
    unfit,
    pairs: typedPairs(tables, links),
  };
}

/** What refers to main's own rows, which no mask changes, stays as it is. */
function keepMains(columns: Proposal["columns"], links: Link[], tables: Classified[]): void {
  const kept = tables.filter((each) => each.class === "keep").map(({ table }) => table);
  for (const { child, childColumns, parent } of links) {
    if (!kept.includes(parent)) continue;
    for (const name of childColumns) {
      const own = shownColumn(child, name);
      if (columns[own] !== undefined) columns[own] = "mask.keep()";
    }
  }
}

/** What refers to a masked key has the same mask. */
function maskBothSides(columns: Proposal["columns"], links: Link[], tables: Classified[]): void {
  const copied = (table: unknown) =>
    tables.some((each) => each.table === table && each.class !== "skip" && each.class !== "keep");
  for (let changed = true; changed; ) {
    changed = false;
    for (const { child, childColumns, parent, parentColumns } of links) {
      if (!copied(child) || !copied(parent)) continue;
      for (const [at, name] of childColumns.entries()) {
        const theirs = columns[shownColumn(parent, parentColumns[at] ?? "")];
        const own = shownColumn(child, name);
        if (theirs === undefined || theirs === "mask.keep()" || columns[own] !== undefined)
          continue;
        columns[own] = theirs;
        changed = true;
      }
    }
  }
}

/** `owner_type` beside `owner_id`, and no foreign key. */
function typedPairs(tables: Classified[], links: Link[]): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const { table } of tables) {
    for (const { name } of table.columns) {
      const id = idBeside(table, name);
      if (id === undefined) continue;
      if (partOfReference(links, table, id).length > 0) continue;
      pairs[shownColumn(table, id)] = name;
    }
  }
  return pairs;
}
