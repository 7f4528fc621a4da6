import { basename, dirname } from "node:path";
import { DsError } from "../../../errors/ds-error.ts";
import { gitMeans } from "../says.ts";
import { type GitPlace, runGit } from "./run-git.ts";

export interface Git {
  /** git's user.name; undefined when it is not set or git is not installed. */
  userName(): Promise<string | undefined>;
  /** The branch that is checked out; undefined on a detached head or outside a checkout. */
  currentBranch(): Promise<string | undefined>;
  /** Top folder of the checkout; undefined outside one. A checkout that git will not read is a failure. */
  root(): Promise<string | undefined>;
  /** Branches of this checkout. */
  localBranches(): Promise<string[]>;
  /**
   * Branches that the remote has right now, asked over the network; none where there is no remote. A remote that does
   * not answer is a failure: what was fetched earlier would show branches that are gone.
   */
  remoteBranches(): Promise<string[]>;
  /**
   * How git stands to a file: it has it, `git add .` would pick it up, it is ignored; undefined outside of a
   * checkout.
   */
  tracking(path: string): Promise<"tracked" | "untracked" | "ignored" | undefined>;
}

const longestMs = 20_000;

export function openGit(place: GitPlace): Git {
  const git = async (...args: string[]) => {
    const { stdout, ...ended } = await runGit(place, args, { timeoutMs: longestMs });
    return { ...ended, text: stdout.toString().trim() };
  };
  const answer = async (...args: string[]) => {
    const { status, text } = await git(...args);
    return status === 0 && text !== "" ? text : undefined;
  };
  /** For what must not be taken for empty when git fails. */
  const certain = async (...args: string[]) => {
    const { status, text, complaint } = await git(...args);
    if (status === 0) return text;
    throw new DsError("UPSTREAM", `git cannot read this checkout: ${complaint}`, {
      reason: "GIT_FAILED",
    });
  };
  const refs = (text: string) =>
    text.split("\n").flatMap((line) => /refs\/heads\/(\S+)$/.exec(line)?.[1] ?? []);
  return {
    localBranches: async () => refs(await certain("for-each-ref", "refs/heads")),
    remoteBranches: async () => {
      const remotes = (await certain("remote")).split("\n");
      const remote = remotes.includes("origin") ? "origin" : remotes[0];
      if (!remote) return [];
      const { status, text } = await git("ls-remote", "--heads", remote);
      if (status === 0) return refs(text);
      throw new DsError("UPSTREAM", `the git remote ${remote} does not answer`, {
        reason: "GIT_FAILED",
      });
    },
    userName: () => answer("config", "user.name"),
    currentBranch: () => answer("symbolic-ref", "--quiet", "--short", "HEAD"),
    root: async () => {
      const show = ["rev-parse", "--show-toplevel"];
      const { status, isMissing, text, complaint } = await git(...show);
      if (isMissing || gitMeans(complaint) === "NO_CHECKOUT") return undefined;
      return status === 0 ? text : certain(...show);
    },
    tracking: async (path) => {
      // From its own folder: beyond a link, or in a submodule, git does not look for it.
      const there = (...args: string[]) => git("-C", dirname(path), ...args, "--", basename(path));
      if ((await there("--literal-pathspecs", "ls-files", "--error-unmatch")).status === 0) {
        return "tracked";
      }
      // 128: no checkout.
      const { status } = await there("check-ignore", "--quiet");
      return status === 0 ? "ignored" : status === 1 ? "untracked" : undefined;
    },
  };
}

export interface HasGit {
  git(): Promise<Git>;
}
