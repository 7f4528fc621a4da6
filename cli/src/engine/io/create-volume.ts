import { DsError } from "../../errors/ds-error.ts";
import { startChild } from "../../lib/process/io/child.ts";
import { describeEnd } from "../../lib/process/run-end.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { HasEngine } from "./daemon.ts";

/** The engine's own program makes the volume, as it owns what is on disk; its words go to the terminal. */
export async function createVolume(
  { engine, env, home, output }: Pick<Runtime, "env" | "home" | "output"> & HasEngine,
  size: string,
): Promise<void> {
  const { program } = await engine();
  const args = [program, "volume", "create", "--home", home, "--size", size];
  const change = {
    done: "the volume was created",
    unclear: "the volume may not be complete: `ds engine volume create` goes on",
  };
  await output.changes.during(change, async () => {
    const child = await startChild({
      program: process.execPath,
      args,
      env: { ...env, DS_HOME: home },
      // It is not to be cut in the middle, by a terminal's Ctrl-C either.
      ownGroup: true,
      output: output.json ? "stderr" : "terminal",
    });
    const ended = await child.exited;
    if (ended.status === 0) return;
    throw new DsError("UPSTREAM", `the volume was not created: the engine ${describeEnd(ended)}`, {
      hint: "The reason is above.",
    });
  });
}
