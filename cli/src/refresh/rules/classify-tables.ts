import type { RefreshRules } from "../../config/project-config.ts";
import type { CatalogueTable } from "../model/catalogue.ts";
import { sameTable, shownName } from "../model/names.ts";
import type { Problem } from "../model/problem.ts";
import { derive, type OpenTable } from "./derive.ts";
import { notForAll, ownedByItself, type Tables } from "./direct.ts";
import { isReferredTo, leftOver } from "./left-over.ts";
import type { Schema } from "./links.ts";
import type { Classified, Owned } from "./ownership.ts";
import { tableRules } from "./table-rules.ts";
import { misspelledTenantColumns, tenantTable } from "./tenant.ts";
import { idleVias, undecidedTable } from "./undecided-table.ts";

export interface Classes {
  tables: Classified[];
  /** Column of the tenant table that identifies a tenant. */
  key: string;
  problems: Problem[];
}

/**
 * Which tables hold the tenant's rows, and by what; those of which nobody said what they are become problems.
 *
 * @param elsewhere tables that only main has: rules may name them, too
 */
export function classify(
  schema: Schema,
  rules: RefreshRules,
  elsewhere: CatalogueTable[] = [],
): Classes {
  const problems: Problem[] = [];
  const { catalogue } = schema;
  const root = tenantTable(catalogue, rules, problems);
  if (!root) return { tables: [], key: "", problems };
  const tables = catalogue.tables.filter(({ kind }) => kind !== "partition");
  const ruleOf = tableRules(tables, rules, problems, elsewhere);
  const fixed: Classified[] = [];
  const owned: Owned[] = [root];
  const failed: CatalogueTable[] = [];
  const open: OpenTable[] = [];

  const known: Tables = { schema, rules, root, problems };
  problems.push(...misspelledTenantColumns(catalogue.tables, rules));
  for (const table of tables) {
    const found = ruleOf(table);
    const rule = found?.rule;
    if (sameTable(table, root.table)) {
      if (found?.exact) {
        problems.push({
          kind: "rules",
          subject: `tables: ${shownName(table)}`,
          reason: { code: "TENANT_TABLE_NEEDS_NO_RULE" },
        });
      }
    } else if (rule === "shared" || rule === "reference" || rule === "keep" || rule === "skip") {
      fixed.push({ class: rule, table });
      if (rule === "reference") problems.push(...notForAll(table, known));
    } else {
      const detailed = rule === "tenant" ? {} : rule;
      const direct = ownedByItself(table, detailed, known);
      if ("owned" in direct) owned.push(direct.owned);
      else if ("failed" in direct) failed.push(table);
      else
        open.push({
          table,
          rule: detailed,
          isMeant: found?.exact ?? rule === "tenant",
          note: direct.note,
        });
    }
  }
  derive(open, owned, schema, problems);
  const isOwned = new Set(owned.map(({ table }) => table));
  const notOwned = open.filter(({ table }) => !isOwned.has(table));
  const byElse = rules.else === undefined ? [] : leftOver(notOwned, failed, schema.links, isOwned);
  for (const { table } of byElse) {
    const isEmpty = rules.else === "skip" || !isReferredTo(table, schema.links);
    fixed.push({ class: isEmpty ? "skip" : "shared", table, byElse: true });
  }
  const left = notOwned.filter((each) => !byElse.includes(each));
  const undecided = [...failed, ...left.map(({ table }) => table)];
  for (const each of left) problems.push(...undecidedTable(each, schema.links, owned, undecided));
  for (const each of open) problems.push(...idleVias(each, schema.links, owned));
  return { tables: [...owned, ...fixed], key: root.key, problems };
}
