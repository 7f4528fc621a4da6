import { Program, type ProgramOptions } from "../../scripts/test-support/program.ts";

export type RunOptions = ProgramOptions;

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
  const { status, signal, stdout, stderr } = await new Program(command, args, options).ended;
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
