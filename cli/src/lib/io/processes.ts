import { readFileSync } from "node:fs";
import { codeOf } from "../../errors/code-of.ts";

/**
 * Whether this machine has a process of the number, ours or somebody else's. One that has ended, and that
 * nobody has collected yet (in some containers nobody ever does), is not running.
 */
export function isProcessRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (codeOf(error) !== "EPERM") return false;
  }
  return statFields(pid)?.[0] !== "Z";
}

/**
 * When the kernel started the process, in its own unit: with it a number stands for one process only. Undefined
 * where there is no /proc.
 */
export const processStartTime = (pid: number): string | undefined => statFields(pid)?.[19];

/** Those of proc(5) from the third on; undefined where there is no /proc, or no such process. */
export function statFields(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The second field, the program's name in parentheses, may hold blanks.
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}
