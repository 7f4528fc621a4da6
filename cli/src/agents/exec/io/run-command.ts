import { constants } from "node:os";
import { DsError } from "../../../errors/ds-error.ts";
import type { Environment } from "../../../lib/process/environment.ts";
import { startChild } from "../../../lib/process/io/child.ts";
import { type RunEnd, shellStatus } from "../../../lib/process/run-end.ts";
import { endGroup } from "../../../processes/io/group.ts";
import type { Runtime } from "../../../runtime/runtime.ts";

const graceMs = 10_000;

export interface AgentCommand {
  program: string;
  args: readonly string[];
  env: Environment;
  /** Called as soon as it runs. */
  onStart(pid: number): Promise<void>;
}

/**
 * Runs the command to its end. In a terminal it shares our process group, as it may draw there: Ctrl-C reaches both, and is its
 * to answer. Elsewhere it leads a group, which gets every signal that we get, and ends with it.
 */
export async function runAgentCommand(
  { cwd, interactive, output, takeSignals }: Runtime,
  { program, args, env, onStart }: AgentCommand,
): Promise<{ end: RunEnd; status: number }> {
  const ownGroup = !interactive;
  const child = await startChild({
    program,
    args,
    cwd,
    env,
    ownGroup,
    output: output.json ? "stderr" : "terminal",
    input: "terminal",
  }).catch((cause) => {
    throw new DsError("PREREQUISITE_MISSING", `${program} cannot be started`, {
      reason: "PROGRAM_NOT_STARTED",
      hint: "Is it installed, and in the PATH?",
      cause,
    });
  });
  let isOver = false;
  let killer: NodeJS.Timeout | undefined;
  takeSignals((signal, quit) => {
    if (isOver) quit();
    if (signal === "SIGINT" && !ownGroup) return;
    child.kill(signal);
    killer ??= setTimeout(() => child.kill("SIGKILL"), graceMs);
  });
  try {
    await onStart(child.pid);
    const end = await child.exited;
    // What it has left in the background would go on with the branch's address.
    if (ownGroup) await endGroup(child.pid, 2_000);
    return { end, status: shellStatus(end, constants.signals) };
  } finally {
    isOver = true;
    clearTimeout(killer);
  }
}
