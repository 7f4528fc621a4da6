import type { CatalogueTable } from "../model/catalogue.ts";
import { shownName } from "../model/names.ts";
import type { Problem, ProblemReason } from "../model/problem.ts";
import { isNamed, type OpenTable, tableKey, viasOf } from "./derive.ts";
import { type Link, linksAt } from "./links.ts";
import type { Owned } from "./ownership.ts";

/** Why it is not known whose the rows of a table are, after everything that could be derived was. */
export function undecidedTable(
  { table, rule, note }: OpenTable,
  links: Link[],
  owned: Owned[],
  undecided: CatalogueTable[],
): Problem[] {
  const subject = shownName(table);
  if (rule?.via !== undefined) return viasOf(rule).map((via) => wrongVia(table, via, links));
  const nullable = linksAt(links, table).filter(
    ({ child, parent, notNull }) =>
      child === table && !notNull && owned.some((each) => each.table === parent),
  );
  const waiting = linksAt(links, table).find(
    ({ child, parent, notNull }) =>
      child === table && parent !== table && notNull && undecided.includes(parent),
  );
  const [first] = nullable;
  if (waiting && !first && note === undefined) {
    const reason: ProblemReason = {
      code: "PARENT_UNDECIDED",
      table: shownName(waiting.parent),
    };
    return [{ kind: "table", subject, reason }];
  }
  const vias = [...new Set(nullable.map(({ childColumns }) => childColumns.join(",")))];
  const via = JSON.stringify(vias.length > 1 ? vias : vias[0]);
  const reason: ProblemReason | undefined = first && {
    code: "ONLY_NULLABLE_PATH",
    columns: first.childColumns,
  };
  return [
    {
      kind: "table",
      subject,
      reason: note ?? reason ?? { code: "NO_PATH" },
      suggestion: first
        ? `tables: { ${tableKey(table)}: { via: ${via}, nullTenant: "skip" } }`
        : `tables: { ${tableKey(table)}: "shared" }  // or "reference", "keep", "skip"`,
    },
  ];
}

/** Of several references that a rule names, those that lead to nobody. */
export const idleVias = ({ table, rule }: OpenTable, links: Link[], owned: Owned[]): Problem[] => {
  const through = owned.find((each) => each.table === table)?.through;
  if (through === undefined) return [];
  return viasOf(rule)
    .filter((via) => !through.some((link) => isNamed(link, via)))
    .map((via) => wrongVia(table, via, links));
};

function wrongVia(table: CatalogueTable, via: string, links: Link[]): Problem {
  const named = links.filter((link) => link.child === table && isNamed(link, via));
  const tables = [...new Set(named.map(({ parent }) => shownName(parent)))];
  return {
    kind: "rules",
    subject: `tables: ${shownName(table)}`,
    reason:
      tables.length === 0
        ? { code: "VIA_IS_NO_REFERENCE", via, table: shownName(table) }
        : { code: "VIA_LEADS_ELSEWHERE", via, tables },
  };
}
