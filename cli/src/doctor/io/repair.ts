import type { HasEngine } from "../../engine/io/daemon.ts";
import { DsError } from "../../errors/ds-error.ts";
import { plural } from "../../lib/format/plural.ts";
import type { HasConfirm } from "../../runtime/io/confirm.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { type Repaired, repairSteps } from "../repair-text.ts";

/** Says what would be done about a damaged home, asks, and does it. */
export async function repair(
  context: Pick<Runtime, "home" | "output"> & HasEngine & HasConfirm,
  yes: boolean,
): Promise<Repaired> {
  const { home, output } = context;
  const engine = await context.engine();
  const repairs: Repaired["repairs"] = [];
  let plan = await engine.repair(false);
  // A repair can uncover more: what lies in a folder that was none, for example.
  while (plan.repairs.length > 0) {
    output.note(`To be done in ${home}:\n${repairSteps(plan.repairs)}`);
    await context.confirm({
      message: `Make ${plural(plan.repairs.length, "repair")} in ${home}? What is replaced is kept in its folder quarantine.`,
      yes,
      command: "ds doctor --repair --yes",
    });
    repairs.push(...(await engine.repair(true)).repairs);
    const next = await engine.repair(false);
    if (JSON.stringify(next.repairs) === JSON.stringify(plan.repairs)) break;
    plan = next;
  }
  const { left } = plan;
  const repaired = { home, repairs, left };
  if (left.length === 0) return repaired;
  const says = left.map((damage) => `${damage.path} ${damage.says}`).join("; ");
  throw new DsError("CONFIG_INVALID", `not everything can be mended here: ${says}`, {
    reason: "HOME_DAMAGED",
    hint: "Put it back from a backup.",
    details: { report: repaired },
  });
}
