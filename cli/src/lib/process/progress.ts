/** How long a process may go on: by what it does, as a clock goes on while a busy machine does not run it. */
export interface ProgressLimits {
  /** Processor time of its own. */
  busyMs: number;
  /** Time in which it uses no processor at all: it waits for something. */
  idleMs: number;
}

export type Stuck = "busy" | "idle";

/** A look at a process. `cpuMs` is undefined where the system does not tell. */
export interface Sample {
  atMs: number;
  cpuMs: number | undefined;
}

/** Less than this between two looks is what waiting costs. */
const workMs = 20;

/** Says of each new look whether the process is stuck. */
export function progressWatch({ busyMs, idleMs }: ProgressLimits, startedMs: number) {
  let last: Sample = { atMs: startedMs, cpuMs: 0 };
  return (now: Sample): Stuck | undefined => {
    if (now.cpuMs === undefined) return now.atMs - startedMs > busyMs + idleMs ? "idle" : undefined;
    if (now.cpuMs > busyMs) return "busy";
    if (now.cpuMs - (last.cpuMs ?? 0) >= workMs) last = now;
    return now.atMs - last.atMs > idleMs ? "idle" : undefined;
  };
}

/** As ps writes it: `12:34.56`, `1:02:03`, `1-02:03:04`. */
export function parseProcessorTime(text: string): number | undefined {
  const [, days = "0", clock = ""] = /^\s*(?:(\d+)-)?([\d:.]+)\s*$/.exec(text) ?? [];
  if (clock === "") return undefined;
  const seconds = clock.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  return Number.isFinite(seconds)
    ? Math.round((Number(days) * 86_400 + seconds) * 1000)
    : undefined;
}
