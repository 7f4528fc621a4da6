import type { ProgressLimits, Stuck } from "../progress.ts";
import type { RunEnd } from "../run-end.ts";
import { type Child, type ChildCommand, readLines, startChild } from "./child.ts";
import { watchProgress } from "./watch-progress.ts";

export interface RunOptions {
  /** Ends the child when it is aborted. */
  signal?: AbortSignal;
  /** By what, and whom; default: SIGTERM, to all of its group where it leads one. */
  stop?: { by: NodeJS.Signals; whom?: "leader" | "group" };
  /** How long it may go on; then it is ended, and the result says so. */
  progress?: ProgressLimits;
  /** Takes the lines of both streams as they come. */
  onLine?: (line: string) => void;
}

export interface ChildResult extends RunEnd {
  stdout: Buffer;
  stderr: Buffer;
  /** It was ended because it did not get on. */
  stuck?: Stuck | undefined;
}

/** A process that was stopped is over with its own end: what it started may hold its streams for good. */
const letGoAfterMs = 1_000;

/** Runs a process to its end, whatever that is; fails only where it cannot be started. */
export async function runChild(
  command: ChildCommand,
  { signal, stop = { by: "SIGTERM" }, progress, onLine }: RunOptions = {},
): Promise<ChildResult> {
  const child = await startChild(command);
  const [stdout, stderr] = child.streams.map(collect);
  if (onLine) for (const stream of child.streams) readLines(stream, onLine);
  const end = () => {
    child.kill(stop.by, stop.whom);
    void child.exited.then(() => setTimeout(child.letGo, letGoAfterMs).unref());
  };
  let stuck: Stuck | undefined;
  const watch =
    progress &&
    watchProgress(child.pid, progress, (how) => {
      stuck = how;
      end();
    });
  if (signal?.aborted) end();
  else signal?.addEventListener("abort", end, { once: true });
  try {
    const ended = await child.closed;
    const text = (chunks: Buffer[] = []) => Buffer.concat(chunks);
    return { ...ended, stdout: text(stdout), stderr: text(stderr), stuck };
  } finally {
    watch?.stop();
    signal?.removeEventListener("abort", end);
  }
}

function collect(stream: Child["streams"][number]): Buffer[] {
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  return chunks;
}
