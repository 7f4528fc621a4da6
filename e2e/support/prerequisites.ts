import { spawnSync } from "node:child_process";

/** Whether a program that some tests need is on this machine; they are skipped where it is not. */
export function hasProgram(name: string): boolean {
  return spawnSync("sh", ["-c", 'command -v "$0"', name]).status === 0;
}
