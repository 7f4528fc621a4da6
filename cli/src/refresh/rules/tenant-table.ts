import type { RefreshRules } from "../../config/project-config.ts";
import type { Catalogue } from "../model/catalogue.ts";
import { shownName } from "../model/names.ts";
import type { Problem, ProblemReason } from "../model/problem.ts";
import { columnOf, isKey, tableNamed } from "./links.ts";
import { equalsTenant, type Root } from "./ownership.ts";

/** The table of the organizations, one row of which is copied; undefined where the rules name none. */
export function tenantTable(
  catalogue: Catalogue,
  { tenant }: RefreshRules,
  problems: Problem[],
): Root | undefined {
  const fail = (reason: ProblemReason) => {
    problems.push({ kind: "rules", subject: "tenant", reason });
    return undefined;
  };
  const table = tableNamed(catalogue, tenant.table);
  if (!table) return fail({ code: "NO_TABLE", table: tenant.table });
  const primary = table.keys.find((key) => key.primary)?.columns;
  const key = tenant.key ?? (primary?.length === 1 ? primary[0] : undefined);
  if (key === undefined) return fail({ code: "NO_SINGLE_PRIMARY_KEY", table: tenant.table });
  const named = { table: tenant.table, column: key };
  if (!columnOf(table, key)) return fail({ code: "NO_COLUMN", ...named });
  if (!isKey(table, [key])) return fail({ code: "NOT_UNIQUE", ...named });
  return {
    class: "root",
    key,
    table,
    path: [shownName(table)],
    condition: equalsTenant(table, key, catalogue),
    unowned: undefined,
    through: [],
  };
}
