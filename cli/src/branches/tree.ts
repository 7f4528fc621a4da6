import type { Branch } from "../neon/model.ts";

export interface TreeRow {
  branch: Branch;
  /** Drawn before the name: `├─ `, `│  └─ ` ... */
  indent: string;
}

/** Branches in the order of a tree, children by age; those whose parent is not listed are roots. */
export function branchTree(branches: Branch[]): TreeRow[] {
  const ids = new Set(branches.map(({ id }) => id));
  const byAge = [...branches].sort(
    (a, b) => a.createdAt.localeCompare(b.createdAt) || a.name.localeCompare(b.name),
  );
  const rows: TreeRow[] = [];
  const visit = (branch: Branch, indent: string, below: string) => {
    rows.push({ branch, indent });
    const children = byAge.filter(({ parentId }) => parentId === branch.id);
    children.forEach((child, at) => {
      const last = at === children.length - 1;
      visit(child, `${below}${last ? "└─ " : "├─ "}`, `${below}${last ? "   " : "│  "}`);
    });
  };
  const roots = byAge.filter(({ parentId }) => parentId === undefined || !ids.has(parentId));
  for (const root of roots.sort((a, b) => Number(b.default) - Number(a.default)))
    visit(root, "", "");
  return rows;
}
