import type { ComputeMaintenance } from "../../control-plane/io/compute-maintenance.ts";
import type { LocalControlPlane } from "../../control-plane/io/control-plane.ts";

/** One round of everything that the engine does by itself; what fails for one says nothing about the others. */
export async function runMaintenance(
  controlPlane: LocalControlPlane,
  computeMaintenance: ComputeMaintenance,
  log: (line: string) => void,
): Promise<void> {
  for (const [what, work] of [
    ["the computes", () => computeMaintenance.run()],
    ["branches that expire", () => controlPlane.deleteExpiredBranches()],
    ["snapshots", () => controlPlane.maintainSnapshots()],
    ["histories", () => controlPlane.maintainBaseBackups()],
  ] as const) {
    await work().catch((error: Error) => log(`looking after ${what} failed: ${error.message}`));
  }
}
