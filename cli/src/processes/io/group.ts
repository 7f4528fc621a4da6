import { setTimeout as sleep } from "node:timers/promises";
import { DsError } from "../../errors/ds-error.ts";
import { readLines, signalGroup, startChild } from "../../lib/process/io/child.ts";
import type { RunEnd } from "../../lib/process/run-end.ts";
import type { StopSignal } from "../../runtime/runtime.ts";

export interface GroupOptions {
  /** A shell command. */
  command: string;
  cwd: string;
  env: Readonly<Record<string, string | undefined>>;
  /** Takes the lines of stdout and stderr; without it the child has the terminal itself. */
  onLine?: (line: string) => void;
  /** Milliseconds between a signal to end and SIGKILL. */
  grace: number;
}

export interface ProcessGroup {
  /** Of the leader, and of the group. */
  readonly pid: number;
  /** When the leader has ended and nothing of its group is left. */
  readonly ended: Promise<RunEnd>;
  /** Passes the signal to all of the group; whoever is left after the grace period is killed. */
  stop(signal: StopSignal): void;
  kill(): void;
}

const pollPause = 25;
/** For zombies that nobody collects: they count as members and never go. */
const longestWaitAfterKill = 1000;

/** Starts a command as the leader of a process group, so that what it starts ends with it. */
export async function startGroup(options: GroupOptions): Promise<ProcessGroup> {
  const { command, cwd, env, onLine } = options;
  const child = await startChild({
    line: command,
    cwd,
    env,
    ownGroup: true,
    ...(onLine ? {} : { output: "terminal", input: "terminal" }),
  }).catch((cause) => {
    throw new DsError("PREREQUISITE_MISSING", `cannot run "${command}" in ${cwd}`, {
      hint: "Is that folder there? It is the process's cwd in ds.config.ts",
      cause,
    });
  });
  const { pid } = child;
  if (onLine) for (const stream of child.streams) readLines(stream, onLine);

  let deadline: number | undefined;
  let escalation: NodeJS.Timeout | undefined;
  const killAll = () => void signalGroup(pid, "SIGKILL");
  const stop = (signal: StopSignal) => {
    signalGroup(pid, signal);
    if (deadline !== undefined) return;
    deadline = Date.now() + options.grace;
    escalation = setTimeout(killAll, options.grace);
  };
  const waitForEnd = async (): Promise<RunEnd> => {
    const end = await child.exited;
    // Nothing that a dead process has started should hold its port.
    if (deadline === undefined) stop("SIGTERM");
    await untilGone(pid, deadline ?? 0);
    clearTimeout(escalation);
    // A grandchild that left the group may hold the pipe open for good.
    await Promise.race([child.closed, sleep(longestWaitAfterKill, undefined, { ref: false })]);
    return end;
  };
  return { pid, ended: waitForEnd(), stop, kill: killAll };
}

/** Ends a group whose leader somebody else has started. */
export async function endGroup(pid: number, grace: number): Promise<void> {
  signalGroup(pid, "SIGTERM");
  await untilGone(pid, Date.now() + grace);
}

/** Waits for the group to end, and kills what is left of it at the deadline (Date.now). */
async function untilGone(pid: number, deadline: number): Promise<void> {
  let lastMoment = Number.POSITIVE_INFINITY;
  while (signalGroup(pid, 0) && Date.now() < lastMoment) {
    if (Date.now() >= deadline && lastMoment === Number.POSITIVE_INFINITY) {
      signalGroup(pid, "SIGKILL");
      lastMoment = Date.now() + longestWaitAfterKill;
    }
    await sleep(pollPause);
  }
}
