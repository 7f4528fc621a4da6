import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Runtime } from "../../runtime/runtime.ts";
import type { RepairReport } from "../contract.ts";
import { reportOf } from "./report.ts";

/** The engine's own program looks at the home and mends it, as it owns what is on disk. */
export async function repairHome(
  program: string,
  { home, env }: Pick<Runtime, "home" | "env">,
  apply: boolean,
): Promise<RepairReport> {
  const args = [program, "repair", "--home", home, ...(apply ? ["--apply"] : [])];
  const child = spawn(process.execPath, args, {
    cwd: "/",
    env: { ...env, DS_HOME: home },
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  return reportOf<RepairReport>(child, `Its log may say more: ${join(home, "engine.log")}`);
}
