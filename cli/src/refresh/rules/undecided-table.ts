import type { CatalogueTable } from "../model/catalogue.ts";
import { shownName } from "../model/names.ts";
import type { Problem, ProblemReason } from "../model/problem.ts";
import { type OpenTable, tableKey, waysOf } from "./derive.ts";
import type { Link } from "./links.ts";
import type { Owned } from "./ownership.ts";

/** Why it is not known whose the rows of a table are, after everything that could be derived was. */
export function undecidedTable(
  { table, rule, note }: OpenTable,
  links: Link[],
  owned: Owned[],
  undecided: CatalogueTable[],
): Problem {
  const subject = shownName(table);
  if (rule?.via !== undefined) {
    const reason = wrongVia(table, rule.via, waysOf(table, rule, links));
    return { kind: "rules", subject: `tables: ${subject}`, reason };
  }
  const nullable = links.find(
    ({ child, parent, notNull }) =>
      child === table && !notNull && owned.some((each) => each.table === parent),
  );
  const waiting = links.find(
    ({ child, parent, notNull }) =>
      child === table && parent !== table && notNull && undecided.includes(parent),
  );
  if (waiting && !nullable && note === undefined) {
    const reason: ProblemReason = {
      code: "PARENT_UNDECIDED",
      table: shownName(waiting.parent),
    };
    return { kind: "table", subject, reason };
  }
  const columns = nullable?.childColumns;
  return {
    kind: "table",
    subject,
    reason: note ?? (columns ? { code: "ONLY_NULLABLE_PATH", columns } : { code: "NO_PATH" }),
    suggestion: columns
      ? `tables: { ${tableKey(table)}: { via: "${columns.join(",")}", nullTenant: "skip" } }`
      : `tables: { ${tableKey(table)}: "shared" }  // or "reference", "keep", "skip"`,
  };
}

function wrongVia(table: CatalogueTable, via: string, ways: Link[][]): ProblemReason {
  if (ways.length === 0) return { code: "VIA_IS_NO_REFERENCE", via, table: shownName(table) };
  const tables = [...new Set(ways.flat().map(({ parent }) => shownName(parent)))];
  return { code: "VIA_LEADS_ELSEWHERE", via, tables };
}
