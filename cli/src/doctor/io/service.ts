import { existsSync } from "node:fs";
import type { HasEngine } from "../../engine/io/daemon.ts";
import { installedUnit } from "../../engine/service/io/own-unit.ts";
import { programOf } from "../../engine/service/unit.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { Examination } from "./examination.ts";

/** Whether the engine is there after a restart of the machine, before anybody types `ds`. */
export async function examineService(
  context: Pick<Runtime, "env" | "home"> & HasEngine,
  examination: Examination,
): Promise<void> {
  const check = "service";
  const unit = await installedUnit(context);
  if (unit === undefined) {
    // Where systemd did not start the machine, as in a container, it starts nothing else either; see sd_booted(3).
    if (process.platform === "linux" && !existsSync("/run/systemd/system")) return;
    examination.add({
      check,
      health: "ok",
      says: "none: after a restart of the machine the first ds command starts the engine",
      fix: "To have it before that: ds engine install-service",
    });
    return;
  }
  const program = programOf(unit);
  if (program === undefined || existsSync(program)) {
    return examination.ok(check, `${unit.manager} starts the engine: ${unit.file}`);
  }
  examination.warn(
    check,
    `${unit.file} starts ${program}, which is not there any more`,
    "Install it anew: ds engine install-service",
  );
}
