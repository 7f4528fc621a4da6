import { execFile } from "node:child_process";
import type { ContextBase } from "../context.ts";

export interface Git {
  /** git's user.name; undefined when it is not set or git is not installed. */
  userName(): Promise<string | undefined>;
  /** The branch that is checked out; undefined on a detached head or outside a checkout. */
  currentBranch(): Promise<string | undefined>;
  /** Top folder of the checkout; undefined outside one. */
  root(): Promise<string | undefined>;
  /** Whether `git add .` would pick the file up, or has already. */
  wouldTrack(path: string): Promise<boolean>;
}

export function openGit({ cwd, env }: Pick<ContextBase, "cwd" | "env">): Git {
  /** Exit status and trimmed output; status 127 when there is no git. */
  const git = (...args: string[]) =>
    new Promise<{ status: number; text: string }>((done) => {
      const child = execFile("git", args, { cwd, env }, (error, stdout) => {
        const status = error ? (typeof error.code === "number" ? error.code : 127) : 0;
        done({ status, text: stdout.trim() });
      });
      child.stdin?.end();
    });
  const answer = async (...args: string[]) => {
    const { status, text } = await git(...args);
    return status === 0 && text !== "" ? text : undefined;
  };
  return {
    userName: () => answer("config", "user.name"),
    currentBranch: () => answer("symbolic-ref", "--quiet", "--short", "HEAD"),
    root: () => answer("rev-parse", "--show-toplevel"),
    wouldTrack: async (path) => {
      // 1: not ignored. 128: no checkout, where nothing is tracked.
      if ((await git("check-ignore", "--quiet", "--", path)).status === 1) return true;
      return (await git("ls-files", "--error-unmatch", "--", path)).status === 0;
    },
  };
}
