import { type Mask, mask } from "../../config/define/masks.ts";
import { maskCode } from "../masks/mask-code.ts";
import type { Catalogue, CatalogueTable } from "../model/catalogue.ts";
import { keyText, shownColumn, shownName } from "../model/names.ts";
import type { Problem, ProblemReason } from "../model/problem.ts";
import { type AdviceGround, advisedMasks } from "./advised-mask.ts";
import { columnOf, findTable, type Link } from "./links.ts";
import type { Classified } from "./ownership.ts";
import { fits, type Pattern } from "./patterns/patterns.ts";

/** Rules for columns that mean nothing that is there, or more than anybody has looked at. */
export function idleRules(patterns: Pattern<Mask>[], catalogue: Catalogue): Problem[] {
  return patterns.flatMap((pattern) => {
    const keepsAll = pattern.rule.mask === "keep" && pattern.column?.text === "*";
    const reasons: ProblemReason[] = [
      ...missing(pattern, catalogue),
      ...(keepsAll ? [{ code: "KEEPS_UNSEEN_COLUMNS" as const }] : []),
    ];
    const subject = `columns: ${pattern.text}`;
    return reasons.map((reason) => ({ kind: "rules" as const, subject, reason }));
  });
}

function missing(pattern: Pattern<Mask>, catalogue: Catalogue): ProblemReason[] {
  const { schema, table: of } = pattern;
  const named = findTable(catalogue, { schema: schema.own, name: of.own });
  const possible = schema.exact && of.exact ? (named ? [named] : []) : catalogue.tables;
  const meant = possible.filter((table) => table.kind !== "partition" && fits(pattern, table));
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
  ground: AdviceGround,
  tables: Classified[],
): Problem[] {
  const classOf = (table: CatalogueTable) =>
    tables.find((each) => each.table === table)?.class ?? "skip";
  return ground.schema.links.flatMap((link) => {
    const { child, childColumns, parent, parentColumns } = link;
    const [from, to] = [classOf(child), classOf(parent)];
    if (from === "skip" || to === "skip" || from === "keep") return [];
    return childColumns.flatMap((name, at) => {
      const own = shownColumn(child, name);
      const theirs = shownColumn(parent, parentColumns[at] ?? "");
      if (JSON.stringify(maskOf(own)) === JSON.stringify(maskOf(theirs))) return [];
      return [
        {
          kind: "rules" as const,
          subject: `columns: ${own}`,
          reason: { code: "MASKED_DIFFERENTLY" as const, column: theirs },
          suggestion: alike(link, at, ground, maskOf),
        },
      ];
    });
  });
}

/** Lines after which both sides have one mask, without those that say what is so already. */
function alike(
  { child, childColumns, parent, parentColumns }: Link,
  at: number,
  ground: AdviceGround,
  maskOf: (column: string) => Mask | undefined,
): string {
  const own = childColumns[at] ?? "";
  const column = columnOf(child, own);
  const best = column && advisedMasks(child, column, ground)[0];
  const code = maskCode(best ?? mask.keep());
  return [shownColumn(child, own), shownColumn(parent, parentColumns[at] ?? "")]
    .filter((name) => maskCode(maskOf(name) ?? mask.keep()) !== code)
    .map((name) => `${keyText(name)}: ${code},`)
    .join(" ");
}
