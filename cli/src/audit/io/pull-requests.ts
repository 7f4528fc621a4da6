import { execFile } from "node:child_process";
import { DsError } from "../../errors/ds-error.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import type { PullRequestState, PullRequests } from "../sources.ts";

/** The newest; what became of an older one is not known. */
const most = 1000;

/**
 * States of the repository's pull requests, by the word of GitHub's own command: it knows how to log in, here
 * and in Actions. Undefined where it is not installed, not logged in, or the repository is not on GitHub.
 */
export async function listPullRequests(
  { env, signal }: Pick<Runtime, "env" | "signal">,
  folder: string,
): Promise<PullRequests | undefined> {
  const args = ["pr", "list", "--state", "all", "--limit", String(most), "--json", "number,state"];
  const options = {
    cwd: folder,
    env: { ...env, GH_PROMPT_DISABLED: "1", GH_NO_UPDATE_NOTIFIER: "1", NO_COLOR: "1" },
    maxBuffer: 16 << 20,
    signal,
  };
  const text = await new Promise<string | undefined>((done, failed) => {
    execFile("gh", args, options, (error, stdout, stderr) => {
      if (!error) return done(stdout);
      if (error.code === "ENOENT" || isNotSetUp(stderr)) return done(undefined);
      failed(ghFailed(stderr.trim() || error.message));
    }).stdin?.end();
  });
  return text === undefined ? undefined : parse(text);
}

/** A login that is no longer good is a failure, though gh gives the same advice. */
const isNotSetUp = (text: string) =>
  !/HTTP \d{3}/.test(text) &&
  /gh auth login|GH_TOKEN|no git remotes|none of the git remotes|not a git repository/i.test(text);

function parse(text: string): PullRequests {
  try {
    const listed = JSON.parse(text) as { number: number; state: string }[];
    return new Map(
      listed.map(({ number, state }) => [number, state.toLowerCase() as PullRequestState]),
    );
  } catch {
    throw ghFailed("its answer is not what it should be");
  }
}

const ghFailed = (said: string) =>
  new DsError("UPSTREAM", `gh, asked for pull requests: ${said.split("\n")[0] ?? ""}`, {
    reason: "GITHUB_FAILED",
  });
