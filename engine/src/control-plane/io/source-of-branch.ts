import type { Source } from "../../pitr/io/source.ts";
import type { Catalog } from "../../storage/io/catalog.ts";
import type { ComputePool } from "./compute-pool.ts";
import type { Records } from "./records.ts";

/** The branch as what copies it, and what keeps its past, want to know it. */
export function sourceOfBranch(
  { catalog, records, computes }: { catalog: Catalog; records: Records; computes: ComputePool },
  branchId: string,
): Source {
  const branch = records.anyBranch(branchId);
  return {
    name: branch.name,
    dataDir: branch.dataDir,
    compute: computes.of(branchId),
    windowSeconds: records.project(branch.projectId).historyRetentionSeconds,
    logicalSize: branch.logicalSize,
    isCurrent: () => catalog.branches.get(branchId)?.dataDir === branch.dataDir,
    isKept: () => [...catalog.branches.values()].some((b) => b.dataDir === branch.dataDir),
  };
}
