import { codeOf } from "../../errors/code-of.ts";

/** Whether this machine has a process of the number, ours or somebody else's. */
export function isProcessRunning(id: number): boolean {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}
