import { DsError } from "../../../errors/ds-error.ts";
import { lastLines, runShell } from "../../../lib/process/io/run-shell.ts";
import type { Runtime } from "../../../runtime/runtime.ts";

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
  const { succeeded, status, how, said } = await runShell({
    what: `\`${command}\``,
    line: command,
    cwd,
    env,
    signal,
    ...(interactive && { ownGroup: false, input: "terminal", output: "stderr" }),
  });
  if (succeeded) return said;
  throw new DsError("UPSTREAM", `\`${command}\` failed in ${cwd}: it ${how}${lastLines(said)}`, {
    reason: "GENERATOR_FAILED",
    hint: "Correct what it complains about, or name another command in ds.config.ts (generate.command)",
    details: { status },
  });
}
