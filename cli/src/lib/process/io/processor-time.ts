import { spawnSync } from "node:child_process";
import { statFields } from "../../io/processes.ts";
import { parseProcessorTime } from "../progress.ts";

/**
 * What the processor has worked for the process, in milliseconds; undefined where nobody tells. /proc counts in
 * hundredths of a second on all that Node runs on; elsewhere `ps` knows.
 */
export function processorTimeMs(pid: number): number | undefined {
  const fields = statFields(pid);
  if (fields !== undefined) return (Number(fields[11]) + Number(fields[12])) * 10;
  const { status, stdout } = spawnSync("ps", ["-o", "time=", "-p", String(pid)], {
    encoding: "utf8",
  });
  return status === 0 ? parseProcessorTime(stdout) : undefined;
}
