import type { Environment } from "../../process/environment.ts";
import { runChild } from "../../process/io/run-child.ts";

export interface GitPlace {
  cwd: string;
  env: Environment;
}

export interface GitAnswer {
  /** Undefined when there is no git, or it was ended by a signal. */
  status: number | undefined;
  /** Git is not on this machine. */
  isMissing: boolean;
  stdout: Buffer;
  /** The first line of what it complains about. */
  complaint: string;
}

export interface GitOptions {
  input?: string;
  /** For what asks a remote. */
  timeoutMs?: number;
}

/** Runs git in a folder, to whatever end. */
export async function runGit(
  { cwd, env }: GitPlace,
  args: readonly string[],
  { input, timeoutMs }: GitOptions = {},
): Promise<GitAnswer> {
  const command = {
    program: "git",
    args,
    cwd,
    // Where a remote wants a password, it gets none: nobody is asked behind a spinner.
    env: { ...env, GIT_TERMINAL_PROMPT: "0", LC_ALL: "C" },
    ...(input === undefined ? {} : { input: { text: input } }),
  };
  try {
    const { status, signal, stdout, stderr } = await runChild(
      command,
      timeoutMs === undefined ? {} : { signal: AbortSignal.timeout(timeoutMs) },
    );
    const [line = ""] = stderr.toString().trim().split("\n");
    const complaint = line || (signal === null ? "" : `it was ended by ${signal}`);
    return { status: status ?? undefined, isMissing: false, stdout, complaint };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const nothing = { status: undefined, stdout: Buffer.alloc(0) };
    return { ...nothing, isMissing: code === "ENOENT", complaint: message };
  }
}
