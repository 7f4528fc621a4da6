import { DsError } from "../../../errors/ds-error.ts";
import type { Environment } from "../environment.ts";
import { describeEnd } from "../run-end.ts";
import type { ChildCommand } from "./child.ts";
import { runChild } from "./run-child.ts";

export interface ShellCommand extends Pick<ChildCommand, "output" | "input"> {
  /** What a person calls it: "the seed command". */
  what: string;
  line: string;
  cwd: string;
  env: Environment;
  /** False where it shares the terminal, whose Ctrl-C reaches it by itself. Default: true. */
  ownGroup?: boolean;
  signal: AbortSignal;
  onLine?: (line: string) => void;
}

export interface ShellEnd {
  succeeded: boolean;
  /** Its exit status; null when a signal ended it. */
  status: number | null;
  /** How it ended, for a sentence: "exited with status 1". */
  how: string;
  /** Both of its streams, stdout first. */
  said: string;
}

/** Runs a project's own command line to its end; fails with INTERRUPTED when the signal is aborted. */
export async function runShell({
  what,
  line,
  signal,
  ...options
}: ShellCommand): Promise<ShellEnd> {
  const { onLine, ownGroup = true, ...rest } = options;
  const command: ChildCommand = { line, ownGroup, ...rest };
  const ended = await runChild(command, { signal, ...(onLine && { onLine }) }).catch((cause) => {
    throw new DsError("PREREQUISITE_MISSING", `${what} cannot be started in ${rest.cwd}`, {
      cause,
    });
  });
  if (signal.aborted) throw new DsError("INTERRUPTED", `interrupted during ${what}`);
  return {
    succeeded: ended.status === 0,
    status: ended.status,
    how: describeEnd(ended),
    said: Buffer.concat([ended.stdout, ended.stderr]).toString("utf8"),
  };
}

/** The last lines of what a command said, indented; empty when it said nothing. */
export function lastLines(said: string, count = 20): string {
  const lines = said.split(/[\r\n]+/).filter((text) => text.trim() !== "");
  return lines
    .slice(-count)
    .map((text) => `\n  ${text}`)
    .join("");
}
