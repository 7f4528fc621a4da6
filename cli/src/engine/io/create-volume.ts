import { spawn } from "node:child_process";
import { once } from "node:events";
import { DsError } from "../../errors/ds-error.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HasEngine } from "./daemon.ts";

/** The engine's own program makes the volume, as it owns what is on disk; its words go to the terminal. */
export async function createVolume(
  { engine, env, home, output }: Pick<Runtime, "env" | "home" | "output"> & HasEngine,
  size: string,
): Promise<void> {
  const { program } = await engine();
  const args = [program, "volume", "create", "--home", home, "--size", size];
  const child = spawn(process.execPath, args, {
    env: { ...env, DS_HOME: home },
    stdio: ["inherit", output.json ? 2 : "inherit", "inherit"],
  });
  const [status, by] = (await once(child, "exit")) as [number | null, string | null];
  if (status === 0) return;
  throw new DsError("UPSTREAM", `the volume was not created (${by ?? `exit ${status}`})`, {
    hint: "The reason is above.",
  });
}
