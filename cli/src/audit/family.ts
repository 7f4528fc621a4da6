import { parseEphemeralName } from "../branches/ephemeral-name.ts";
import { recoveryPointOf } from "../branches/recovery-point.ts";
import { grouped } from "../lib/collection/grouped.ts";
import type { Row, Surroundings } from "./row.ts";
import type { AuditedBranch } from "./sources.ts";

export type Family = (of: AuditedBranch) => Pick<Row, "leftovers" | "children" | "copyOf">;

/** Who hangs on whom: what goes with a branch, and what keeps it. */
export function familyOf(
  branches: AuditedBranch[],
  { runIsOver, now }: Pick<Surroundings, "runIsOver" | "now">,
): Family {
  const names = new Map(branches.map(({ branch }) => [branch.id, branch.name]));
  const taken = new Set(names.values());
  const childrenOf = grouped(branches, ({ branch }) => branch.parentId);
  const pointsOf = grouped(branches, ({ branch }) => recoveryPointOf(branch.name)?.branch);

  /** A copy that nothing forks from, and whose run is over or whose time is up. */
  const isSpent = ({ branch }: AuditedBranch) =>
    parseEphemeralName(branch.name) !== undefined &&
    !childrenOf.has(branch.id) &&
    (runIsOver(branch.name) || Date.parse(branch.expiresAt ?? "") <= now);

  return ({ branch }) => {
    const forks = childrenOf.get(branch.id) ?? [];
    // Its own branches of before may be its parent: then they can go after it, and only then.
    const points = (pointsOf.get(branch.name) ?? []).filter((point) =>
      (childrenOf.get(point.branch.id) ?? []).every((child) => child.branch.id === branch.id),
    );
    const leftovers = [...new Set([...points, ...forks.filter(isSpent)])];
    return {
      leftovers: leftovers.map(({ branch: { id, name } }) => ({ id, name })),
      children: forks.filter((fork) => !leftovers.includes(fork)).map((fork) => fork.branch.name),
      copyOf: copyOf(branch.name, branch.parentId),
    };
  };

  function copyOf(name: string, parentId: string | undefined): Row["copyOf"] {
    const point = recoveryPointOf(name);
    if (point) return { name: point.branch, exists: taken.has(point.branch) };
    const throwaway = parseEphemeralName(name);
    if (!throwaway) return undefined;
    const parent = parentId === undefined ? undefined : names.get(parentId);
    return { name: parent ?? throwaway.branch, exists: parent !== undefined };
  }
}
