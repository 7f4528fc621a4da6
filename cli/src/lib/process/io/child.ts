import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Environment } from "../environment.ts";
import type { RunEnd } from "../run-end.ts";

/** A program with its arguments, or a line for the shell. */
type ChildProgram = { program: string; args: readonly string[] } | { line: string };

export type ChildCommand = ChildProgram & {
  cwd?: string;
  env: Environment;
  /** It leads a process group, so that a terminal's Ctrl-C does not reach it, and signals reach what it starts. */
  ownGroup?: boolean;
  /** Who has its stdout and stderr. `stderr`: both go to ours, so that stdout stays the result's. Default: `pipe`. */
  output?: "pipe" | "terminal" | "stderr";
  /** Its stdin: a text, the terminal, or by default nothing. */
  input?: { text: string } | "terminal";
};

/** A process that has been started. */
export interface Child {
  readonly pid: number;
  /** Streams of `output: "pipe"`. */
  readonly streams: readonly NodeJS.ReadableStream[];
  /** It has ended; what it started may still write. */
  readonly exited: Promise<RunEnd>;
  /** It has ended, and its streams with it. */
  readonly closed: Promise<RunEnd>;
  /** Signals the process, or all of the group that it leads; false when there is nobody any more. */
  kill(signal: NodeJS.Signals, whom?: "leader" | "group"): boolean;
  /** Waits no longer for streams that a process which outlived it holds open. */
  letGo(): void;
}

/** Starts a process; fails with the system's error when it cannot: ENOENT for no such program or folder. */
export async function startChild(command: ChildCommand): Promise<Child> {
  const { cwd, env, ownGroup = false, output = "pipe", input } = command;
  const stdin = input === "terminal" ? "inherit" : input === undefined ? "ignore" : "pipe";
  const out = { pipe: "pipe", terminal: "inherit", stderr: 2 }[output] as "pipe" | "inherit" | 2;
  const err = output === "pipe" ? "pipe" : "inherit";
  const started = performance.now();
  const options = { cwd, env, detached: ownGroup, stdio: [stdin, out, err] as const };
  const child =
    "line" in command
      ? spawn(command.line, { ...options, stdio: [...options.stdio], shell: true })
      : spawn(command.program, command.args, { ...options, stdio: [...options.stdio] });
  const ending = (event: "exit" | "close") =>
    once(child, event).then(([status, signal]) => ({
      status: status as number | null,
      signal: signal as string | null,
      lasted: performance.now() - started,
    }));
  const [exited, closed] = [ending("exit"), ending("close")];
  // What keeps it from starting is thrown below.
  for (const end of [exited, closed]) end.catch(() => {});
  await once(child, "spawn");
  if (typeof input === "object") feed(child, input.text);
  const pid = child.pid as number;
  const streams = [child.stdout, child.stderr].filter((stream) => stream !== null);
  return {
    pid,
    streams,
    exited,
    closed,
    kill: (signal, whom = ownGroup ? "group" : "leader") =>
      whom === "group" ? signalGroup(pid, signal) : child.kill(signal),
    letGo: () => {
      for (const stream of streams) stream.destroy();
    },
  };
}

/** False when there is no such group any more. Signal 0 only asks. */
export function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

/** One that has ended before it read all says so by its status. */
function feed(child: ChildProcess, text: string): void {
  child.stdin?.on("error", () => {}).end(text);
}

/** Calls back with each line, without its end; a carriage return ends one, too, as progress is drawn with it. */
export function readLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): void {
  createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on("line", onLine);
}
