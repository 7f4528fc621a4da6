import type { Decision } from "../model/decision.ts";
import { shownColumn } from "../model/names.ts";
import type { Link } from "./links.ts";
import type { Classified } from "./ownership.ts";

/**
 * A pattern means columns by their names, and knows nothing of references: the column of one that no rule names
 * as a whole has what the column has that it refers to, whose values it repeats. Else the two would be masked
 * differently, and the reference lead nowhere.
 */
export function followReferences(
  decisions: Map<string, Decision>,
  links: readonly Link[],
  tables: readonly Classified[],
): void {
  const kept = new Set(tables.filter((each) => each.class === "keep").map(({ table }) => table));
  const parents = new Map<string, string>();
  /** Columns of main's own rows, which no mask changes. */
  const ofMain = new Set<string>();
  for (const { child, childColumns, parent, parentColumns } of links) {
    for (const [at, name] of childColumns.entries()) {
      const own = shownColumn(child, name);
      const theirs = shownColumn(parent, parentColumns[at] ?? "");
      if (kept.has(parent)) ofMain.add(theirs);
      if (!parents.has(own) && own !== theirs) parents.set(own, theirs);
    }
  }
  const settled = new Set<string>();
  const settle = (own: string): Decision | undefined => {
    if (ofMain.has(own)) return asItIs;
    const decision = decisions.get(own);
    const theirs = parents.get(own);
    if (decision === undefined || theirs === undefined || settled.has(own)) return decision;
    settled.add(own);
    const parent = settle(theirs);
    if (parent === undefined || !follows(decision, parent)) return decision;
    const followed: Decision = { ...parent, unmasked: parent.mask ? undefined : "key" };
    decisions.set(own, followed);
    return followed;
  };
  for (const own of decisions.keys()) settle(own);
}

const asItIs: Decision = { mask: undefined, unmasked: "key", rule: undefined };

const follows = (own: Decision, parent: Decision): boolean =>
  parent.unmasked !== "unclassified" &&
  (own.byPattern === true ||
    (own.rule === undefined && own.unmasked === "key" && parent.byPattern === true));
