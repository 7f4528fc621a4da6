import { grouped } from "../lib/collection/grouped.ts";
import type { Branch } from "../neon/model.ts";
import { type HeldState, heldState, heldStateText } from "./recovery-point.ts";

export interface TreeRow {
  branch: Branch;
  /** Drawn before the label: `├─ `, `│  └─ ` ... */
  indent: string;
  /** Its name, or what a recovery point is: `before reset, 14:13`. */
  label: string;
  /** Of a recovery point: what it was kept for, and when. */
  state: HeldState | undefined;
}

/**
 * Branches in the order of a tree, children by age; those whose parent is not listed are roots. A recovery point
 * comes below the branch that it was kept for.
 */
export function branchTree(branches: Branch[], now: Date): TreeRow[] {
  const byId = new Map(branches.map((branch) => [branch.id, branch]));
  const states = new Map(branches.map((branch) => [branch.id, heldState(branch, branches)]));
  const bornAt = ({ id, createdAt }: Branch) => states.get(id)?.at.toISOString() ?? createdAt;
  const byAge = [...branches].sort(
    (a, b) => bornAt(a).localeCompare(bornAt(b)) || a.name.localeCompare(b.name),
  );
  const byName = new Map(branches.map((branch) => [branch.name, branch]));
  const below = new Map(
    byAge.map((branch) => {
      const owner = byName.get(states.get(branch.id)?.branch ?? "");
      const isOwners = owner !== undefined && !descends(owner, branch, byId);
      return [branch.id, isOwners ? owner.id : branch.parentId];
    }),
  );
  const childrenOf = grouped(byAge, ({ id }) => below.get(id));
  const rows: TreeRow[] = [];
  const visit = (branch: Branch, indent: string, next: string) => {
    const state = states.get(branch.id);
    const isShort = state !== undefined && below.get(branch.id) !== branch.parentId;
    const label = state && isShort ? heldStateText(state.kind, state.at, now) : branch.name;
    rows.push({ branch, indent, label, state });
    const children = childrenOf.get(branch.id) ?? [];
    children.forEach((child, at) => {
      const last = at === children.length - 1;
      visit(child, `${next}${last ? "└─ " : "├─ "}`, `${next}${last ? "   " : "│  "}`);
    });
  };
  const roots = byAge.filter((branch) => !byId.has(below.get(branch.id) ?? ""));
  for (const root of roots.sort((a, b) => Number(b.default) - Number(a.default)))
    visit(root, "", "");
  return rows;
}

function descends(branch: Branch, ancestor: Branch, byId: ReadonlyMap<string, Branch>): boolean {
  for (let at: Branch | undefined = branch; at; at = byId.get(at.parentId ?? "")) {
    if (at.id === ancestor.id) return true;
  }
  return false;
}
