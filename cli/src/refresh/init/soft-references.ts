import type { CrossTenant, ReferenceConfig } from "../../config/define/refresh.ts";
import { shownColumn } from "../model/names.ts";
import { type Link, singleKey } from "../rules/links.ts";
import type { NameFit } from "../samples/key-names.ts";
import type { Overlap } from "../samples/overlap-sql.ts";
import type { SoftCandidate } from "./soft-candidates.ts";

export interface SoftReferences {
  references: Record<string, Extract<ReferenceConfig, { to: string }>>;
  /** Of those that some rows of the sample lead to another organization by, and that may be empty. */
  crossTenant: Record<string, CrossTenant>;
}

/** The references that names, types and values agree on: of each column the best one. */
export function softReferences(
  candidates: readonly SoftCandidate[],
  overlaps: ReadonlyMap<Link, Overlap>,
): SoftReferences {
  const best = new Map<string, SoftCandidate & { overlap: Overlap }>();
  for (const candidate of candidates) {
    const { link, fit } = candidate;
    const overlap = overlaps.get(link);
    if (overlap === undefined || !isReference(fit, overlap)) continue;
    const found = { ...candidate, overlap };
    const known = best.get(link.name);
    if (known === undefined || rank(found) > rank(known)) best.set(link.name, found);
  }
  const made: SoftReferences = { references: {}, crossTenant: {} };
  for (const [name, { link, overlap }] of best) {
    made.references[name] = { to: shownColumn(link.parent, link.parentColumns[0] ?? "") };
    if (overlap.other > 0 && !link.notNull) made.crossTenant[name] = "null";
  }
  return made;
}

/**
 * Rows that are gone leave values that lead nowhere, so a name that fits needs few hits. Small numbers are found in
 * every table: they need a name, and rows that lead to their own organization.
 */
function isReference(fit: NameFit | undefined, overlap: Overlap): boolean {
  const { values, found, same, other, small } = overlap;
  if (found === 0) return false;
  const hits = found / values;
  const owned = same + other;
  const agrees = owned >= 4 ? same / owned : undefined;
  if (small) {
    if (fit === undefined || (agrees ?? 1) < 0.7) return false;
    if (fit === "exact") return hits >= 0.5;
    return hits >= 0.9 && (fit === "part" || agrees !== undefined);
  }
  if (fit === "exact") return hits >= 0.1;
  if (fit !== undefined) return hits >= 0.5;
  return values >= 5 && hits >= 0.9;
}

const fits: (NameFit | undefined)[] = [undefined, "hint", "part", "exact"];

/** By name first, then by hits; a primary key before another, and one that refers to nothing itself. */
const rank = ({ fit, link, overlap }: SoftCandidate & { overlap: Overlap }): number => {
  const [key = ""] = link.parentColumns;
  const isPrimary = singleKey(link.parent) === key;
  const isFirst = !link.parent.foreignKeys.some(({ columns }) => columns.includes(key));
  const isNear = link.parent.schema === link.child.schema;
  return (
    fits.indexOf(fit) * 1000 +
    (overlap.found / overlap.values) * 100 +
    (isPrimary ? 4 : 0) +
    (isFirst ? 2 : 0) +
    (isNear ? 1 : 0)
  );
};
