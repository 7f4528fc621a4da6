import { cellsOf } from "./cells.ts";
import { youngestOf } from "./signals.ts";
import type { Judged, Verdict } from "./verdict.ts";

export const sortKeys = ["verdict", "branch", "age", "used", "size", "owner"] as const;

export interface Sorting {
  by: (typeof sortKeys)[number];
  reversed: boolean;
}

/** What wants to be looked at comes first. */
const urgency: Verdict[] = ["stale", "orphan?", "unknown", "waiting", "ok", "kept"];

/** The rows that match, in order. A filter is words, all of which have to be in what a row shows. */
export function listed(all: Judged[], filter: string, sorting: Sorting, now: number): Judged[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const matching =
    words.length === 0
      ? [...all]
      : all.filter((judged) => {
          const text = Object.values(cellsOf(judged, now)).join(" ").toLowerCase();
          return words.every((word) => text.includes(word));
        });
  const compare = comparisons[sorting.by];
  matching.sort((a, b) => compare(a, b) || byName(a, b));
  return sorting.reversed ? matching.reverse() : matching;
}

const comparisons: Record<Sorting["by"], (a: Judged, b: Judged) => number> = {
  verdict: (a, b) => urgency.indexOf(a.verdict) - urgency.indexOf(b.verdict),
  branch: byName,
  // Oldest first, and what was not used for longest; unknown times last.
  age: (a, b) => earlier(ageKey(a), ageKey(b)),
  used: (a, b) => earlier(a.row.audited?.lastActive, b.row.audited?.lastActive),
  size: (a, b) => sizeKey(b) - sizeKey(a),
  owner: (a, b) => (a.row.owner ?? "\uffff").localeCompare(b.row.owner ?? "\uffff"),
};

/** `pr-9` comes before `pr-10`. */
const { compare: inOrder } = new Intl.Collator("en", { numeric: true });

function byName(a: Judged, b: Judged): number {
  return inOrder(a.row.name, b.row.name);
}

const ageKey = ({ row }: Judged) => row.createdAt ?? youngestOf(row);
const sizeKey = ({ row }: Judged) => row.audited?.branch.logicalSizeBytes ?? -1;

function earlier(a: string | undefined, b: string | undefined): number {
  return (a ?? "\uffff").localeCompare(b ?? "\uffff");
}
