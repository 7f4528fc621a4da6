import type { ComputeMaintenance } from "../../control-plane/io/compute-maintenance.ts";
import type { LocalControlPlane } from "../../control-plane/io/control-plane.ts";
import type { OpenHome } from "./open-home.ts";

interface MaintenanceParts {
  controlPlane: LocalControlPlane;
  computeMaintenance: ComputeMaintenance;
  opened: Pick<OpenHome, "quarantine">;
  log: (line: string) => void;
}

/** One round of everything that the engine does by itself; what fails for one says nothing about the others. */
export async function runMaintenance(parts: MaintenanceParts): Promise<void> {
  const { controlPlane, computeMaintenance, opened, log } = parts;
  for (const [what, work] of [
    ["the computes", () => computeMaintenance.run()],
    ["branches that expire", () => controlPlane.deleteExpiredBranches()],
    ["snapshots", () => controlPlane.maintainSnapshots()],
    ["histories", () => controlPlane.maintainBaseBackups()],
    ["what was set aside", () => expire(opened, log)],
  ] as const) {
    await work().catch((error: Error) => log(`looking after ${what} failed: ${error.message}`));
  }
}

async function expire({ quarantine }: Pick<OpenHome, "quarantine">, log: (line: string) => void) {
  for (const name of await quarantine.expire(Date.now())) {
    log(`removing ${name}, which was set aside 30 days ago`);
  }
}
