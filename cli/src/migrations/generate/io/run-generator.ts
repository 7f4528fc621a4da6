import { spawn } from "node:child_process";
import { DsError } from "../../../errors/ds-error.ts";
import type { Runtime } from "../../../runtime/runtime.ts";

const standardError = 2;

/**
 * Runs a shell command to its successful end. On a terminal it may ask, and what it says is seen there;
 * otherwise what it says is returned.
 */
export async function runGenerator(
  { env, interactive, output, signal }: Runtime,
  command: string,
  cwd: string,
): Promise<string> {
  output.detail(`running ${command} in ${cwd}`);
  const child = spawn(command, {
    shell: true,
    cwd,
    env,
    // A group of its own, so that an interrupt reaches what the shell has started; a terminal's does so anyway.
    detached: !interactive,
    stdio: interactive ? ["inherit", standardError, standardError] : ["ignore", "pipe", "pipe"],
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
    });
  }
  const end = () => {
    if (child.pid === undefined) return;
    try {
      process.kill(interactive ? child.pid : -child.pid, "SIGTERM");
    } catch {
      // It ended by itself in the meantime.
    }
  };
  signal.addEventListener("abort", end, { once: true });
  try {
    const how = await new Promise<string | undefined>((ended, failed) => {
      child.on("error", (cause) =>
        failed(
          new DsError("PREREQUISITE_MISSING", `\`${command}\` cannot be started in ${cwd}`, {
            cause,
          }),
        ),
      );
      child.on("close", (code, by) => ended(code === 0 ? undefined : (by ?? `exit ${code}`)));
    });
    if (signal.aborted) throw new DsError("INTERRUPTED", "interrupted while generating");
    if (how === undefined) return said;
    const lines = said.trim() === "" ? "" : `\n${said.trimEnd().split("\n").slice(-20).join("\n")}`;
    throw new DsError("UPSTREAM", `\`${command}\` failed in ${cwd} (${how})${lines}`, {
      reason: "GENERATOR_FAILED",
      hint: "Correct what it complains about, or name another command in ds.config.ts (generate.command)",
    });
  } finally {
    signal.removeEventListener("abort", end);
  }
}
