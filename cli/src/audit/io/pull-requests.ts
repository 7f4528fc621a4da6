import { DsError } from "../../errors/ds-error.ts";
import { type ChildResult, runChild } from "../../lib/process/io/run-child.ts";
import type { Runtime } from "../../runtime/runtime.ts";
import { ghMeans } from "../gh-says.ts";
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
  const command = {
    program: "gh",
    args: ["pr", "list", "--state", "all", "--limit", String(most), "--json", "number,state"],
    cwd: folder,
    env: { ...env, GH_PROMPT_DISABLED: "1", GH_NO_UPDATE_NOTIFIER: "1", NO_COLOR: "1" },
  };
  let ended: ChildResult;
  try {
    ended = await runChild(command, { signal });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw ghFailed((error as Error).message);
  }
  if (ended.status === 0) return parse(ended.stdout.toString());
  const complaint = ended.stderr.toString().trim();
  switch (ghMeans(complaint)) {
    case "NO_CHECKOUT":
    case "NOT_LOGGED_IN":
    case "NOT_ON_GITHUB":
      return undefined;
    default:
      throw ghFailed(complaint || `it ended with status ${ended.status ?? ended.signal}`);
  }
}

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
