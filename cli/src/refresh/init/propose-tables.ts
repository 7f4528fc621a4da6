import type { TableRule } from "../../config/define/refresh.ts";
import type { RefreshRules } from "../../config/project-config.ts";
import { looksLikePii } from "../masks/sensitive.ts";
import type { Catalogue, CatalogueTable } from "../model/catalogue.ts";
import { columnType } from "../model/column-type.ts";
import { shownName } from "../model/names.ts";
import type { Problem, ProblemReason } from "../model/problem.ts";
import { classify } from "../rules/classify-tables.ts";
import { isReferredTo } from "../rules/left-over.ts";
import type { Schema } from "../rules/links.ts";
import { linksOf } from "../rules/links-of.ts";
import type { Classified } from "../rules/ownership.ts";
import { isOfOwner, listWays } from "./propose-ways.ts";
import type { SoftReferences } from "./soft-references.ts";

/** Rows of each table, as far as somebody has counted them: at most some thousand. */
export type RowCounts = ReadonlyMap<string, number>;

/** What is known of tables besides their names. */
export interface KnownRows {
  /** After the migrations alone, on an empty database. */
  migrated: RowCounts;
  /** In the source. */
  source: RowCounts;
  /** References without a foreign key. */
  soft: SoftReferences;
}

/**
 * Gives tables that are left over a rule, those first that others wait for, until none is left. In doubt it is
 * `shared`, which brings only what the organization's rows refer to.
 */
export function proposeTables(
  catalogue: Catalogue,
  rules: RefreshRules,
  known: KnownRows,
): { schema: Schema; tables: Classified[] } {
  for (let isListed = false; ; ) {
    const schema = linksOf(catalogue, rules);
    const { tables, problems } = classify(schema, rules);
    const open = problems.filter(({ kind }) => kind === "table");
    const nullable = open.filter(({ reason }) => mayBeNull(reason));
    const alone = open.filter(({ reason }) => reason.code !== "PARENT_UNDECIDED");
    // What belongs to a table that is open itself may turn out to be the organization's through it.
    const names = new Set(open.map(({ subject }) => subject));
    const waiting = schema.links
      .filter(({ child, parent, notNull }) => notNull && child !== parent)
      .filter(({ parent }) => names.has(shownName(parent)))
      .map(({ child }) => shownName(child));
    const free = (some: Problem[]) => some.filter(({ subject }) => !waiting.includes(subject));
    const [settled] = [free(nullable), free(alone), nullable, alone, open.slice(0, 1)].filter(
      ({ length }) => length > 0,
    );
    if (!settled) {
      if (isListed || !listWays(tables, schema.links, rules)) return { schema, tables };
      isListed = true;
      continue;
    }
    for (const { subject, reason } of settled) {
      const table = schema.catalogue.tables.find((each) => shownName(each) === subject);
      if (!table) continue;
      const said = rules.tables[subject] !== undefined;
      rules.tables[subject] = said ? "skip" : ruleFor(table, reason, { schema, tables, known });
    }
  }
}

const mayBeNull = ({ code }: ProblemReason): boolean =>
  code === "TENANT_MAY_BE_NULL" || code === "ONLY_NULLABLE_PATH";

interface Ground {
  schema: Schema;
  tables: Classified[];
  known: KnownRows;
}

function ruleFor(table: CatalogueTable, reason: ProblemReason, ground: Ground): TableRule {
  const { schema, tables } = ground;
  const { catalogue, links } = schema;
  const referred = isReferredTo(table, links);
  const personal = table.columns.some(({ name, type }) =>
    looksLikePii(name, columnType(type, catalogue)),
  );
  // People, even those who remember where they were last.
  const only = reason.code === "ONLY_NULLABLE_PATH";
  const people = referred && personal && only;
  if (mayBeNull(reason) && !people) {
    const ways = links.filter(
      ({ child, parent, notNull }) =>
        child === table &&
        !notNull &&
        tables.some((each) => each.table === parent && "through" in each),
    );
    const link = ways.find(isOfOwner) ?? ways[0];
    const nullTenant = referred ? "shared" : "skip";
    return link && only ? { via: link.childColumns.join(","), nullTenant } : { nullTenant };
  }
  if (comesFromMigrations(table, ground)) return "keep";
  return referred ? "shared" : "skip";
}

/** Main's migrations fill it, production has no more of it, and it refers to nothing that is exchanged. */
function comesFromMigrations(
  table: CatalogueTable,
  { schema: { links }, known: { migrated, source } }: Ground,
): boolean {
  const own = migrated.get(shownName(table)) ?? 0;
  if (own === 0 || (source.get(shownName(table)) ?? 0) > own) return false;
  return links.every(
    ({ child, parent }) =>
      child !== table || parent === table || (migrated.get(shownName(parent)) ?? 0) > 0,
  );
}
