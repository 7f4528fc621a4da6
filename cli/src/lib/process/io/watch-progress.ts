import { monotonicMs } from "../../async/monotonic.ts";
import { type ProgressLimits, progressWatch, type Stuck } from "../progress.ts";
import { processorTimeMs } from "./processor-time.ts";

const everyMs = 1_000;

/** Looks at a process until it is stopped; calls back once when it is stuck. */
export function watchProgress(
  pid: number,
  limits: ProgressLimits,
  onStuck: (how: Stuck) => void,
): { stop(): void } {
  const look = progressWatch(limits, monotonicMs());
  const timer = setInterval(() => {
    const how = look({ atMs: monotonicMs(), cpuMs: processorTimeMs(pid) });
    if (how === undefined) return;
    clearInterval(timer);
    onStuck(how);
  }, everyMs);
  return { stop: () => clearInterval(timer) };
}
