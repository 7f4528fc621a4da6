import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

export interface RunOptions {
  cwd: string;
  env: NodeJS.ProcessEnv;
  /** Default: nothing, at once at its end. */
  input?: string;
  timeoutMs?: number;
}

export interface Result {
  /** The command as a person would have typed it, for messages. */
  command: string;
  /** Exit status; 128 + signal number when a signal ended it. */
  status: number;
  stdout: string;
  stderr: string;
  elapsedMs: number;
}

const signalNumbers: Record<string, number> = { SIGINT: 2, SIGKILL: 9, SIGTERM: 15 };

/** Runs a command in pipes, without a terminal, until it ends. */
export async function run(command: string, args: string[], options: RunOptions): Promise<Result> {
  const startedAt = performance.now();
  const child = spawn(command, args, { cwd: options.cwd, env: options.env, stdio: "pipe" });
  const timer = setTimeout(() => child.kill("SIGKILL"), options.timeoutMs ?? 120_000);
  child.stdin.on("error", () => {}); // It ended without reading its input.
  child.stdin.end(options.input ?? "");
  const [stdout, stderr, [status, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "exit") as Promise<[number | null, NodeJS.Signals | null]>,
  ]);
  clearTimeout(timer);
  return {
    command: [command, ...args].join(" "),
    status: status ?? 128 + (signalNumbers[signal ?? ""] ?? 0),
    stdout,
    stderr,
    elapsedMs: performance.now() - startedAt,
  };
}

/** The result of a command that has to succeed: fails with all that it printed otherwise. */
export function succeeded(result: Result): Result {
  return ended(result, 0);
}

export function ended(result: Result, status: number): Result {
  if (result.status === status) return result;
  throw new Error(
    `\`${result.command}\` ended with ${result.status} instead of ${status}\n` +
      `--- stdout\n${result.stdout}\n--- stderr\n${result.stderr}`,
  );
}
