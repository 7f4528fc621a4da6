import type { Mask } from "../../config/define/masks.ts";
import type { Catalogue, CatalogueTable } from "../model/catalogue.ts";
import { shownColumn, shownName } from "../model/names.ts";
import type { Problem, ProblemReason } from "../model/problem.ts";
import type { Link } from "./links.ts";
import type { Classified } from "./ownership.ts";
import { fits, type Pattern } from "./patterns.ts";

/** Rules for columns that mean nothing that is there, or more than anybody has looked at. */
export function idleRules(patterns: Pattern<Mask>[], catalogue: Catalogue): Problem[] {
  const tables = catalogue.tables.filter(({ kind }) => kind !== "partition");
  return patterns.flatMap((pattern) => {
    const keepsAll = pattern.rule.mask === "keep" && pattern.column?.text === "*";
    const reasons: ProblemReason[] = [
      ...missing(pattern, tables),
      ...(keepsAll ? [{ code: "KEEPS_UNSEEN_COLUMNS" as const }] : []),
    ];
    const subject = `columns: ${pattern.text}`;
    return reasons.map((reason) => ({ kind: "rules" as const, subject, reason }));
  });
}

function missing(pattern: Pattern<Mask>, tables: CatalogueTable[]): ProblemReason[] {
  const meant = tables.filter((table) => fits(pattern, table));
  const [first] = meant;
  if (first === undefined) return [{ code: "NO_SUCH_TABLE" }];
  const isThere = meant.some(({ columns }) =>
    columns.some(({ name }) => pattern.column?.matches(name)),
  );
  if (isThere) return [];
  return [
    meant.length === 1
      ? { code: "NO_SUCH_COLUMN", table: shownName(first) }
      : { code: "NO_SUCH_COLUMN" },
  ];
}

/** A reference still leads where it led only if both sides are masked alike. */
export function differentlyMasked(
  maskOf: (column: string) => Mask | undefined,
  links: Link[],
  tables: Classified[],
): Problem[] {
  const copied = (table: CatalogueTable) =>
    tables.some((each) => each.table === table && each.class !== "skip");
  return links.flatMap(({ child, childColumns, parent, parentColumns }) => {
    if (!copied(child) || !copied(parent)) return [];
    return childColumns.flatMap((name, at) => {
      const own = shownColumn(child, name);
      const theirs = shownColumn(parent, parentColumns[at] ?? "");
      if (JSON.stringify(maskOf(own)) === JSON.stringify(maskOf(theirs))) return [];
      return [
        {
          kind: "rules" as const,
          subject: `columns: ${own}`,
          reason: { code: "MASKED_DIFFERENTLY" as const, column: theirs },
        },
      ];
    });
  });
}
