import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("../../bin/ds.js", import.meta.url));

export interface Ended {
  /** Exit status as a shell would say it. */
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface Running {
  child: ChildProcess;
  ended: Promise<Ended>;
  /** Resolves when stderr has the text; rejects when the command ends before. */
  says(text: string): Promise<void>;
}

/** Starts the built command in a folder, with an environment that names no stage and no API. */
export function startDs(cwd: string, args: string[], env: NodeJS.ProcessEnv): Running {
  const { DEVSTRIDE_STAGE: _, NEON_API_HOST: __, NEON_API_KEY: ___, ...own } = process.env;
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    env: { ...own, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const text = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text.stdout += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    text.stderr += chunk;
  });
  const ended = new Promise<Ended>((done, failed) => {
    child.on("error", failed);
    child.on("close", (status, signal) => done({ status, signal, ...text }));
  });
  return {
    child,
    ended,
    says: async (wanted) => {
      while (!text.stderr.includes(wanted)) {
        const next = new Promise((heard) => child.stderr.once("data", heard));
        const over = await Promise.race([next.then(() => false), ended.then(() => true)]);
        if (over && !text.stderr.includes(wanted))
          throw new Error(`ended without it: ${text.stderr}`);
      }
    },
  };
}

export const ds = (cwd: string, args: string[], env: NodeJS.ProcessEnv): Promise<Ended> =>
  startDs(cwd, args, env).ended;
